import types
import typing
from typing import ParamSpec, TypeVar, TypeVarTuple, Union

T = TypeVar("T")
S = TypeVar("S")
Ts = TypeVarTuple("Ts")
P = ParamSpec("P")


class C:
    class D:
        pass


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e)


for text in """list[int]
dict[str, int]
tuple[()]
tuple[int, ...]
list[C]
list[C.D]
list["x"], list[None], list[1], list[...]
list[list[int]]
list[T].__parameters__, list[list[T]].__parameters__, dict[T, S].__parameters__, dict[T, T].__parameters__, list[int].__parameters__
list[T][int], dict[T, S][int, str], dict[T, T][int], list[list[T]][int], dict[str, list[T]][C]
list[T][S].__parameters__, list[T][S][int]
tuple[*Ts][int, str], tuple[T, *Ts][int], tuple[T, *Ts][int, str, float], tuple[*Ts][()], tuple[*Ts, T][int, str]
tuple[*tuple[int, str], float]
list[int][str]
dict[T, S][int]
list[T][int, str]
next(iter(list[int])), [*tuple[int, str]]
next(iter(tuple[int, str])).__typing_unpacked_tuple_args__, next(iter(list[int])).__unpacked__, list[int].__unpacked__, list[int].__typing_unpacked_tuple_args__
list[int] == list[int], list[int] == list[str], list[int] != list[int], hash(list[int]) == hash(list[int]), list[int] == 5, list[int] == next(iter(list[int]))
list[int](), list[int]("ab"), dict[str, int](a=1)
list[int].append([], 1), list[int].__origin__, list[int].__args__, list[int].__class__, list[int].__name__, list[int].__doc__ == list.__doc__
isinstance([], list[int])
issubclass(list, list[int])
list[int].__mro_entries__(()), list[int].__reduce__()
list[int].__bases__
list[int].__copy__
list[int].foo
types.GenericAlias(list, (int,)), types.GenericAlias(list, int), types.GenericAlias(C, (int, T))[str]
types.GenericAlias(list)
dict[str, [int, T]], dict[str, [int, T]].__parameters__, dict[str, [int, T]][C]
list[int] < 5
C[int]
int | str, int | None, None | int, int | str | int, int | list[int] | None, list[int] | list[str] | int, int | C | C.D, (int | str) | (str | float)
int | "x"
int | 1
int | []
(int | str) == (str | int), hash(int | str) == hash(str | int), (int | str) != (int | float), (int | str) == 5
(int | str).__args__, (int | str).__origin__, (int | str).__parameters__, (int | str).__name__, (int | str).__qualname__, (int | str).__module__, type(int | str)
Union[int], Union[int, None], Union[int, str, int], Union[int, Union[str, None]], Union[list[T], int][str], Union
Union[int, "x"]
Union[()]
(list[T] | int)[str], (T | None)[int], (int | T).__parameters__, (T | S)[int, int]
(int | str)[int]
(int | str).__mro_entries__(())
Union()
isinstance(1, int | str), isinstance(1.5, int | str), isinstance(None, int | None), issubclass(bool, int | str), isinstance(1, int | list[int])
typing.get_args(dict[str, int]), typing.get_origin(list[int]), typing.get_args(int | None), typing.get_origin(int | None) is Union
int | list, type | None, type(None) | int
typing.Optional[int], typing.List[int], typing.Callable[[int], str] | None
[t for t in dir(list[int]) if t in ("append", "__origin__", "__args__")]""".split("\n"):
    print(text, "->", attempt(eval, text))


class Sub(list[int]):
    pass


class G:
    def __class_getitem__(cls, item):
        return types.GenericAlias(cls, item)


print(Sub.__mro__, Sub.__orig_bases__, G[int]().__orig_class__, G[int, T][str], repr(G[()]))
