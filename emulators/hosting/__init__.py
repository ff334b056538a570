"""The Hosting emulator: static files, rewrites to functions, redirects and headers, as firebase.json says."""
