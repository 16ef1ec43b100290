"""A stand-in for CPython's module of that name, whose functions call its C interface: Skein has none of them. What is an operation
of the language under another name is done as that operation; test files that call the rest fail there and run their other tests."""


import operator


def _py_getbuiltwithassert():
    """Whether a failed check in C would end the process: no release build has such checks."""
    return False


def _item_index(sequence, index):
    index = operator.index(index)
    if index < 0:
        index += len(sequence)
        if index < 0:
            raise IndexError("index out of range")
    return index


def sequence_getitem(sequence, index):
    return sequence[_item_index(sequence, index)]


def sequence_setitem(sequence, index, value):
    sequence[_item_index(sequence, index)] = value


def sequence_delitem(sequence, index):
    del sequence[_item_index(sequence, index)]


def object_hasattrstring(o, name):
    return int(hasattr(o, name.decode()))
