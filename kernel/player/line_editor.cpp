#include "player/line_editor.h"

#include "arch/serial.h"
#include "lib/print.h"
#include "lib/string.h"

namespace
{

// The keys, as a terminal sends them: control characters, and sequences that begin with ESC [.
constexpr char control(char letter)
{
    return letter & 0x1f;
}

enum key { other = 256, up, down, right, left, home, end, erase };

constexpr char escape = 27;
constexpr char rubout = 127;

// What follows ESC [ or ESC O, up to its last letter.
int read_escape_sequence()
{
    char c = serial_read();
    if (c != '[' && c != 'O')
        return other;
    char first = c = serial_read();
    while ((c >= '0' && c <= '9') || c == ';')
        c = serial_read();
    switch (c) {
    case 'A':
        return up;
    case 'B':
        return down;
    case 'C':
        return right;
    case 'D':
        return left;
    case 'H':
        return home;
    case 'F':
        return end;
    case '~':
        return first == '3'                   ? erase
               : first == '1' || first == '7' ? home
               : first == '4' || first == '8' ? end
                                              : other;
    }
    return other;
}

int read_key()
{
    char c = serial_read();
    switch (c) {
    case escape:
        return read_escape_sequence();
    case control('A'):
        return home;
    case control('B'):
        return left;
    case control('E'):
        return end;
    case control('F'):
        return right;
    case control('N'):
        return down;
    case control('P'):
        return up;
    }
    return static_cast<unsigned char>(c);
}

constexpr size_t max_history = 16;
char history[max_history][max_line];
size_t history_size; // lines ever remembered; the last max_history are there

// The line being edited, and where the cursor stands in it.
struct editor {
    const char *prompt;
    char *text;
    size_t length = 0;
    size_t cursor = 0;
    size_t shown = history_size; // the history's line shown; history_size: a new one

    void draw() const { print("\r%s%s\x1b[K\r\x1b[%uC", prompt, text, strlen(prompt) + cursor); }

    void insert(char c)
    {
        if (length + 1 == max_line)
            return;
        memmove(text + cursor + 1, text + cursor, length - cursor + 1);
        text[cursor++] = c;
        length++;
    }

    // Removes [from, to).
    void remove(size_t from, size_t to)
    {
        memmove(text + from, text + to, length - to + 1);
        length -= to - from;
        cursor = from;
    }

    size_t word_start() const
    {
        size_t start = cursor;
        while (start > 0 && text[start - 1] == ' ')
            start--;
        while (start > 0 && text[start - 1] != ' ')
            start--;
        return start;
    }

    void show_history(size_t which)
    {
        if (which > history_size || which + max_history < history_size)
            return;
        shown = which;
        length = cursor = 0;
        text[0] = '\0';
        if (which < history_size)
            memcpy(text, history[which % max_history], max_line);
        length = cursor = strlen(text);
    }

    void edit(int key)
    {
        if (key == left && cursor > 0)
            cursor--;
        else if (key == right && cursor < length)
            cursor++;
        else if (key == home)
            cursor = 0;
        else if (key == end)
            cursor = length;
        else if (key == up && shown > 0)
            show_history(shown - 1);
        else if (key == down)
            show_history(shown + 1);
        else if (key == erase && cursor < length)
            remove(cursor, cursor + 1);
        else if ((key == rubout || key == '\b') && cursor > 0)
            remove(cursor - 1, cursor);
        else if (key == control('U'))
            remove(0, cursor);
        else if (key == control('K'))
            remove(cursor, length);
        else if (key == control('W'))
            remove(word_start(), cursor);
        else if (key == control('L'))
            print("\x1b[H\x1b[2J");
        else if (key >= ' ' && key < rubout)
            insert(static_cast<char>(key));
    }

    void complete(const char *(*completion)(const char *, size_t))
    {
        size_t start = cursor;
        while (start > 0 && text[start - 1] != ' ')
            start--;
        for (const char *c = completion(text + start, cursor - start); *c; c++)
            insert(*c);
    }
};

void remember(const char *line)
{
    if (!*line || (history_size && !strcmp(line, history[(history_size - 1) % max_history])))
        return;
    memcpy(history[history_size++ % max_history], line, max_line);
}

} // namespace

typed read_line(const char *prompt, char line[max_line],
                const char *(*complete)(const char *beginning, size_t length))
{
    line[0] = '\0';
    editor e{.prompt = prompt, .text = line};
    for (;;) {
        print_renew_limit();
        e.draw();
        int key = read_key();
        if (key == '\r' || key == '\n')
            break;
        if (key == control('C'))
            return print("^C\n"), typed::abandoned;
        if (key == control('D') && e.length == 0)
            return print("\n"), typed::end;
        if (key == control('D'))
            key = erase;
        if (key == '\t')
            e.complete(complete);
        else
            e.edit(key);
    }
    print("\n");
    remember(line);
    return typed::line;
}
