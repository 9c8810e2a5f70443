# Included where tests need a browser: CHROMIUM is one that runs, or empty. (Ubuntu's package is a program that says
# which snap to install.)

ifndef CHROMIUM
CHROMIUM := $(shell for name in chromium chromium-browser google-chrome; do \
	$$name --version >/dev/null 2>&1 && command -v $$name && break; done)
endif
export CHROMIUM
