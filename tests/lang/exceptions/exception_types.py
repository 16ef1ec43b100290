import sys
def show(f,*a,**k):
    try: r=f(*a,**k); print('->',repr(r), type(r).__name__, getattr(r,'args',None), str(r))
    except BaseException as e: print('=>',type(e).__name__,e)
show(BaseException, 1,2); show(BaseException,x=1); show(KeyError,'a'); show(KeyError,'a','b'); show(KeyError)
show(OSError,2,'no'); show(OSError,2,'no','f'); show(OSError,2,'no','f',None,'g'); show(OSError,2,'no',None,None,'g'); show(OSError,2); show(OSError,2,'a','b','c','d','e'); show(BlockingIOError,11,'x',5)
show(OSError,2,'no',x=1); show(OSError,'a','b')
show(ImportError,'m',name='n',path='p'); show(ImportError,'m',nam='n'); show(ImportError, 'a','b'); show(AttributeError,'a',name='n',obj=3); show(AttributeError,'a',foo=3); show(NameError,'a',name='n'); show(NameError,'a',obj='n')
show(StopIteration,1,2); show(StopIteration); show(SystemExit); show(SystemExit,1); show(SystemExit,1,2)
show(SyntaxError,'m'); show(SyntaxError,'m',('f',1,2,'t')); show(SyntaxError,'m',('f',1,2,'t',3,4)); show(SyntaxError,'m',('f',1)); show(SyntaxError,'m',('/a/f',None,2,'t')); show(SyntaxError,'m',(None,3,2,'t')); show(SyntaxError,'m',5);show(SyntaxError,'m',('f',1,2,'t',3,4,5))
show(UnicodeDecodeError,'utf-8',b'abc',1,2,'r'); show(UnicodeDecodeError,'utf-8',b'abc',0,2,'r'); show(UnicodeEncodeError,'utf-8','ab\xe9\u1234\U00012345',2,3,'r'); show(UnicodeEncodeError,'utf-8','ab\xe9\u1234\U00012345',3,4,'r'); show(UnicodeEncodeError,'utf-8','ab\xe9\u1234\U00012345',4,5,'r'); show(UnicodeEncodeError,'utf-8','ab\xe9\u1234\U00012345',2,5,'r');show(UnicodeTranslateError,'ab\xe9\u1234\U00012345',2,3,'r');show(UnicodeTranslateError,'abc',1,3,'r')
show(UnicodeDecodeError,1,2); show(UnicodeDecodeError,'utf-8','abc',1,2,'r'); show(UnicodeDecodeError,'utf-8',b'abc',1,2,3); show(UnicodeEncodeError,1,'abc',1,2,'3')
show(UnicodeDecodeError,'utf-8',b'abc',10,20,'r')
show(ExceptionGroup,'m',[ValueError(1)]); show(ExceptionGroup,'m',[]); show(ExceptionGroup,'m',[1]); show(ExceptionGroup,1,[ValueError()]); show(ExceptionGroup,'m',5); show(ExceptionGroup,'m',[KeyboardInterrupt()]); show(BaseExceptionGroup,'m',[ValueError()]); show(BaseExceptionGroup,'m',[KeyboardInterrupt()]); show(ExceptionGroup,'m'); show(ExceptionGroup, 'm', [ValueError(), TypeError(1)])
class EG(ExceptionGroup): pass
class EB(BaseExceptionGroup): pass
class EE(BaseExceptionGroup,ValueError): pass
show(EG,'m',[KeyboardInterrupt()]); show(EE,'m',[KeyboardInterrupt()])
e=ValueError(1)
for a,v in [('__cause__',1),('__context__',1),('__traceback__',1),('args',5),('__suppress_context__',5)]:
    try: setattr(e,a,v); print(a,'ok', getattr(e,a))
    except Exception as x: print(a,type(x).__name__,x)
    try: delattr(e,a); print(a,'del ok',getattr(e,a))
    except Exception as x: print(a,type(x).__name__,x)
show(e.with_traceback,1); show(e.add_note,1); e.add_note('x'); print(e.__notes__, e.__dict__); e.__notes__=5; show(e.add_note,'y')
show(e.__reduce__); show(e.__setstate__,{'a':1}); print(e.a); show(e.__setstate__,5); show(e.__setstate__,None)
show(OSError(2,'no','f').__reduce__); show(OSError(2,'no','f',None,'g').__reduce__);show(ImportError('m',name='n').__reduce__);show(AttributeError('m',name='n').__reduce__);show(AttributeError('m',name='n',obj=5).__getstate__)
eg=ExceptionGroup('m',[ValueError(1),TypeError(2),ExceptionGroup('n',[ValueError(3)])])
show(eg.split,ValueError); show(eg.subgroup,ValueError); show(eg.subgroup,lambda e:isinstance(e,TypeError)); show(eg.split,5); show(eg.subgroup, (ValueError,5)); show(eg.derive,[ValueError(5)]); print(eg.message,eg.exceptions); show(eg.__reduce__)
show(eg.subgroup,KeyError); show(eg.split,KeyError);show(eg.split,ExceptionGroup)
x=BlockingIOError(11,'x',5); print(x.characters_written, x.filename, x.args)
try: print(OSError(1,'x').characters_written)
except Exception as e: print(type(e),e)
show(OSError.__new__,OSError,2,'x')
class MyOS(OSError):
    def __init__(self,a): self.a=a
show(MyOS,2); 
class MyOS2(OSError):
    pass
show(MyOS2,2,'x'); show(FileNotFoundError,3,'x')
print(OSError(2,'x').errno, OSError(5).errno, OSError(2,'x').strerror)
print(ExceptionGroup.__mro__, ExceptionGroup.__bases__, BaseExceptionGroup[int])
print(repr(KeyError), repr(ModuleNotFoundError('x',name='y').name))
