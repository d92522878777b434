"""What runs in the browser: ``mount`` the components, ``codec`` arrays on the wire, ``assets``
their files, which lie in ``components/``.
"""
