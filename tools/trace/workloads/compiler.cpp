// Something for a compiler to work on.
#include <map>
#include <string>
#include <vector>

template <typename Key>
struct Index {
    std::map<Key, std::vector<std::string>> entries;
    void add(const Key &key, std::string text) { entries[key].push_back(std::move(text)); }
    size_t count(const Key &key) const
    {
        auto found = entries.find(key);
        return found == entries.end() ? 0 : found->second.size();
    }
};

size_t words(const std::vector<std::string> &lines)
{
    Index<std::string> by_word;
    Index<size_t> by_length;
    for (const std::string &line : lines) {
        by_word.add(line.substr(0, line.find(' ')), line);
        by_length.add(line.size(), line);
    }
    return by_word.count("the") + by_length.count(3);
}
