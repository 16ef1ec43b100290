// _types: the builtin types that have no name of their own in builtins; `types` takes them from here.
#include "runtime/module.h"

#define NAMED_TYPES(ROW) \
    ROW(ASYNC_GENERATOR, AsyncGeneratorType) ROW(NATIVE_FUNCTION, BuiltinFunctionType) ROW(NATIVE_FUNCTION, BuiltinMethodType) \
    ROW(NATIVE_CAPSULE, CapsuleType) ROW(CELL, CellType) ROW(CLASSMETHOD_DESCRIPTOR, ClassMethodDescriptorType) ROW(CODE, CodeType) \
    ROW(COROUTINE, CoroutineType) ROW(ELLIPSIS, EllipsisType) ROW(FRAME, FrameType) ROW(FUNCTION, FunctionType) ROW(GENERATOR, GeneratorType) \
    ROW(GENERIC_ALIAS, GenericAlias) ROW(GETSET_DESCRIPTOR, GetSetDescriptorType) ROW(FUNCTION, LambdaType) ROW(MAPPING_PROXY, MappingProxyType) \
    ROW(MEMBER_DESCRIPTOR, MemberDescriptorType) ROW(NATIVE_METHOD_DESCRIPTOR, MethodDescriptorType) ROW(METHOD, MethodType) \
    ROW(METHOD_WRAPPER, MethodWrapperType) ROW(MODULE, ModuleType) ROW(NONE, NoneType) ROW(NOT_IMPLEMENTED, NotImplementedType) \
    ROW(SIMPLE_NAMESPACE, SimpleNamespace) ROW(TRACEBACK, TracebackType) ROW(UNION, UnionType) ROW(SLOT_WRAPPER, WrapperDescriptorType)

static int exec(Thread *t, ValueRef module) {
#define ADD(ID, name) \
    if (module_add(t, module, #name, value_of(&builtin_types[T_##ID])) < 0) return -1;
    NAMED_TYPES(ADD)
    return 0;
}
const ModuleSpec _types_module = {.name = "_types", .doc = "Names for builtin types.", .exec = exec};
