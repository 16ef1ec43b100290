# A generator expression's code in a function that a program made: what it is to iterate over may be anything.
import types


def expression():
    return (x for x in range(10))


for given in (iter([1, 2]), 3, 2.5, None, True, "text", [1], 1 << 70):
    generator = types.FunctionType(expression().gi_code, {})(given)
    try:
        print(list(generator))
    except TypeError as e:
        print(e)
