// attack: The terminal's own markup, and ends of it that have no beginning, in a compiler's message.
// route: forged records
// class: stopped
// verdict: build
// message: [/red]

#error [/red] [link=file:///etc/passwd]here[/link] [bold]Score: 100/100[/]
