import os, tempfile, warnings
warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())

import os,posix,sys
def T(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
T(os.stat,1.5);T(os.stat,'a\0b');T(os.unlink,5);T(os.listdir,1.5);T(os.stat,b'x');T(os.rename,'zz','yy');T(os.link,'zz','yy');T(os.chmod,'/',1.5);T(os.mkdir,'/x/y');T(os.stat,'a',dir_fd='x');T(os.stat,5,dir_fd=3);T(os.stat,0,follow_symlinks=False);T(os.chown,'/',-5,1);T(os.chown,'/','x',1);T(os.chown,'/',2**40,1)
T(os.open,'zz',0);T(os.close,-1);T(os.read,0,-1);T(os.fsync,'x');T(os.fsync,-5);T(os.execv,'x',5);T(os.execv,'x',[]);T(os.execv,'x',['']);T(os.execve,'x',['a'],5);T(os.execv,5,['a']);T(os.posix_spawn,'x',5,{});T(os.posix_spawn,'/nope',['a'],{});T(os.posix_spawn,'/nope',['a'],{},file_actions=[5])
T(posix.putenv,'a=b','c');T(posix.putenv,'','c');T(os.kill,0,'x');T(os.sysconf,'nope');T(os.sysconf,99999);T(os.sysconf,1.5);T(os.confstr,'CS_PATH');T(os.pathconf,'/','PC_NAME_MAX');T(os.getpriority,9,0);T(os.sched_getaffinity,999999);T(os.sched_param);T(os.sched_param,5);T(os.sched_param,sched_priority=3);T(os.sched_setaffinity,0,5);T(os.sched_setaffinity,0,[-1]);T(os.waitpid,-1,0);T(os.waitstatus_to_exitcode,256);T(os.waitstatus_to_exitcode,0x7f)
T(os.utime,'/',5);T(os.utime,'/',(1,2),ns=(1,2));T(os.utime,'/',ns=5);T(os.utime,'/',('x',2));T(os.getrandom,3,99);T(os.urandom,-1);T(os.fspath,5);T(os.fspath,'x')
class P:
    def __fspath__(self): return 5
T(os.fspath,P());T(os.stat,P());T(os.symlink,'a','/x/y')
for p in ('a//b/../c\0/./',b'//a/../..','../..//x','','///x/..','/../a','a/..','a/../..','./a/./b/','//','///','/','.','..','a/b/c/../../..','../a/../b',b'a/./b','/a/../../b','a/../../b/..'): T(posix._path_normpath,p); T(posix._path_splitroot_ex,p); T(os.path.normpath,p)
T(posix._path_normpath,5)
T(os.scandir,'/nope');T(os.DirEntry);T(os.get_terminal_size,99);T(os.ctermid);T(os.strerror,5);T(os.umask,'x');T(lambda: os.nice(0)-os.getpriority(os.PRIO_PROCESS,0));T(os.getgrouplist,'root',0);T(os.sendfile,1,2,None,5) if 0 else 0;T(os.pipe2,99999999);T(os.dup2,0,-1);T(os.readv,0,5);T(os.copy_file_range,0,1,-5);T(os.major,5.5);T(os.makedev,8,1);T(os.major,-1);T(os.makedev,-1,-1);T(os.device_encoding,99);T(os.system,'exit 3');T(os.getxattr,'/','user.x');T(os.register_at_fork);T(os.register_at_fork,before=5);T(os.truncate,'/nope',5);T(os.statvfs,'/nope');T(os.isatty,99);T(os.get_blocking,99);T(os.setns,99);T(os.posix_fallocate,99,0,1);T(os.posix_fadvise,99,0,1,0);T(os.setgroups,5);T(os.mkfifo,'/x/y');T(os.fchdir,99);T(os.fchdir,'x');T(os.access,'/',7);T(os.access,'/',1,effective_ids=True);T(os.link,'/zz','/y',follow_symlinks=False)
import shutil,tempfile
d='pxdir'; shutil.rmtree(d,ignore_errors=True); os.makedirs(d+'/a/b'); open(d+'/f','w').write('hi'); os.symlink('f',d+'/l'); os.symlink('nope',d+'/dead')
print(sorted(os.listdir(d)),sorted(os.listdir(os.fsencode(d))))
for e in sorted(os.scandir(d),key=lambda e:e.name): print(e,e.path,e.is_dir(),e.is_file(),e.is_symlink(),e.is_dir(follow_symlinks=False),e.inode()==os.lstat(e.path).st_ino)
for root,ds,fs in os.walk(d): print(root,sorted(ds),sorted(fs))
s=os.stat(d+'/f'); print(s.st_size,oct(s.st_mode),s[6],len(s),s.st_mtime_ns//10**9==int(s.st_mtime)); os.utime(d+'/f',(5,6.5)); s=os.stat(d+'/f'); print(s.st_atime,s.st_mtime,s.st_mtime_ns); os.utime(d+'/f',ns=(5,-6)); print(os.stat(d+'/f').st_mtime_ns)
os.chmod(d+'/f',0o600); print(oct(os.stat(d+'/f').st_mode)); print(os.readlink(d+'/l'),os.path.realpath(d+'/l')[-7:]); os.rename(d+'/f',d+'/g'); os.replace(d+'/g',d+'/h'); os.link(d+'/h',d+'/i'); print(os.stat(d+'/i').st_nlink); os.truncate(d+'/h',1); print(os.path.getsize(d+'/i')); os.remove(d+'/i'); T(os.rmdir,d); T(os.mkdir,d); shutil.rmtree(d); print(os.path.exists(d))
r,w=os.pipe(); os.write(w,b'hello'); print(os.read(r,3),os.get_inheritable(r)); os.set_blocking(r,False); os.read(r,9); T(os.read,r,1); os.close(r);os.close(w)
pid=os.fork()
if pid==0: os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]))
pid=os.fork()
if pid==0: os.execv('/bin/sh',['sh','-c','exit 5'])
print(os.waitstatus_to_exitcode(os.wait()[1]))
pid=os.posix_spawn('/bin/sh',['sh','-c','exit $X'],{'X':'9'}); print(os.waitpid(pid,0)[1]>>8)
pid=os.spawnv(os.P_NOWAIT,'/bin/true',['true']); print(os.waitid(os.P_PID,pid,os.WEXITED).si_status)
os.environ['SKX']='1'; T(os.system,'test "$SKX" = 1'); del os.environ['SKX']; T(os.system,'test "$SKX" = 1')
print(os.cpu_count()==len(os.sched_getaffinity(0)) or 1, os.getpid()>0)
T(os.popen,'echo hi') if 0 else 0
fd=os.open('t9',os.O_RDWR|os.O_CREAT|os.O_TRUNC); print(os.writev(fd,[b'ab',b'cd']),os.lseek(fd,0,0),os.pread(fd,2,1)); a=bytearray(2);b=bytearray(1); print(os.readv(fd,[a,b]),a,b,os.fstat(fd).st_size); os.ftruncate(fd,2); os.close(fd)
print(len([n for n in dir(posix)]), sorted(set(dir(posix)))[:5])
for n in sorted(os.sysconf_names)[:5]: print(n)
T(os.sysconf,'SC_PAGESIZE'); T(os.cpu_count.__text_signature__ if 0 else (lambda: os.get_exec_path({'PATH':'/a:/b'})))
