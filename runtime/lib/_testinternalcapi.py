"""A stand-in for CPython's module of that name: what its own test files ask of it and Skein can answer."""

# How often code runs before inline caches serve it, and how long before they are filled anew.
SPECIALIZATION_THRESHOLD = 2
SPECIALIZATION_COOLDOWN = 2


def get_config():
    """The settings that tests look at: positions of instructions are kept."""
    return {"code_debug_ranges": 1}


def get_configs():
    """The settings by layer; only the main one has any."""
    return {"config": get_config(), "preconfig": {}, "global_config": {}}


def has_inline_values(instance):
    """Whether CPython keeps the attributes in the object in its own format: never here."""
    return False


def get_recursion_depth():
    """Python frames below the caller."""
    import sys
    depth, frame = 0, sys._getframe(1)
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return depth
