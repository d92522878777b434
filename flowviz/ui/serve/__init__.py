"""Serving a class: a server process for each core, behind one proxy.

- ``python -m flowviz.ui.serve`` (``make serve``) starts all of it on this machine, and starts anew
  what ends: the servers, nginx before them, one scheduler with its workers for all trainings.
- `nginx` makes the proxy's configuration from ``deploy/nginx.conf.template``.

What servers have in common is in the cache directory and on the scheduler; what is of one session
is on one server, to which a cookie leads. docs/SERVING.md has the whole.
"""
