"""The browser side: ``mount`` shows the components, ``codec`` packs their data, ``assets`` serves
their files, which are in ``components/``.
"""
