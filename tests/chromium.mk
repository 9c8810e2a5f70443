# Included where tests need a browser: CHROMIUM is one that runs, or empty. The one without windows takes half of the
# processor time. (Ubuntu's package is a program that says which snap to install.)

ifndef CHROMIUM
CHROMIUM := $(shell for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
	$$name --version >/dev/null 2>&1 && command -v $$name && break; done)
endif
export CHROMIUM
