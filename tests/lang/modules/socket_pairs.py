import os, tempfile, warnings
warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())

import socket,_socket,threading,locale,termios,os,select,unicodedata,zlib,csv
def T(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
a,b=socket.socketpair(); a.send(b'hello'); T(b.recv,3); T(b.recv,10); b.settimeout(0.01); T(b.recv,1); T(b.gettimeout); b.setblocking(False); T(b.recv,1); T(b.getblocking); a.close(); b.setblocking(True); T(b.recv,1); T(b.recv,-1); b.close(); T(b.recv,1); T(b.fileno)
s=socket.create_server(('127.0.0.1',0)); port=s.getsockname()[1]
def serve():
    c,addr=s.accept()
    with c:
        d=c.recv(100)
        while d: c.sendall(d.upper()); d=c.recv(100)
th=threading.Thread(target=serve); th.start()
with socket.create_connection(('localhost',port)) as c:
    c.sendall(b'abc'*1000); n=0
    while n<3000: n+=len(c.recv(4096))
    print(n, c.family, c.type, c.getpeername()[0])
    f=c.makefile('rw'); f.write('line\n'); f.flush(); print(f.readline()); f.close()
th.join(); s.close()
u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.bind(('127.0.0.1',0)); v=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); v.sendto(b'dg',u.getsockname()); T(lambda:u.recvfrom(10)[0]); v.sendmsg([b'a',b'b'],[],0,u.getsockname()); T(lambda:u.recvmsg(10)[0:3]); u.close(); v.close()
a,b=socket.socketpair(); r,w=os.pipe(); socket.send_fds(a,[b'x'],[w]); m,fds,fl,ad=socket.recv_fds(b,10,4); os.write(fds[0],b'viafd'); T(os.read,r,9); a.close(); b.close()
# What a machine without the table cannot be asked.
def known(table, number, ask, name): return ask(name) if os.path.exists(table) else number
T(socket.inet_aton,'1.2.3.4');T(socket.inet_aton,'x');T(socket.inet_ntoa,b'\1\2\3\4');T(socket.inet_ntoa,b'');T(socket.inet_pton,socket.AF_INET6,'::1');T(socket.inet_ntop,socket.AF_INET6,b'\0'*16);T(socket.inet_pton,99,'x');T(socket.inet_ntop,99,b'');T(socket.htons,258);T(socket.htons,99999);T(socket.htons,-1);T(socket.htonl,1);T(socket.htonl,2**40);T(socket.htonl,-1);T(socket.getaddrinfo,'127.0.0.1',80,0,socket.SOCK_STREAM);T(socket.getaddrinfo,'nope.invalid',80,0,0,0,socket.AI_NUMERICHOST);T(known,'/etc/services',80,socket.getservbyname,'http');T(socket.getservbyname,'nopenope');T(known,'/etc/protocols',6,socket.getprotobyname,'tcp');T(socket.gethostbyname,'127.0.0.1');T(socket.getnameinfo,('127.0.0.1',80),socket.NI_NUMERICHOST|socket.NI_NUMERICSERV);T(socket.if_nametoindex,'lo');T(socket.if_indextoname,1);T(socket.if_nametoindex,'nope')
s=socket.socket(); T(s.bind,5);T(s.bind,('a',));T(s.bind,('127.0.0.1',99999));T(s.bind,('127.0.0.1','x'));T(s.connect,('127.0.0.1',1));T(s.connect_ex,('127.0.0.1',1));T(s.settimeout,-1);T(s.settimeout,'x');T(s.getsockopt,socket.SOL_SOCKET,socket.SO_REUSEADDR);s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1);T(s.getsockopt,socket.SOL_SOCKET,socket.SO_REUSEADDR);T(s.getsockopt,1,99);T(s.listen,'x');T(s.shutdown,2);T(s.sendto,b'x',5);T(s.sendto,b'');T(lambda: s.detach() > 0);T(socket.socket,fileno=99);T(socket.socket,fileno=-5);T(socket.socket,99)
x=socket.socket(socket.AF_UNIX); T(x.bind,'a'*200); T(x.connect,'/nope'); x.bind('\0skeinab'); T(x.getsockname); x.close()
T(socket.setdefaulttimeout,5);T(socket.getdefaulttimeout);socket.setdefaulttimeout(None);T(repr,_socket.socket.__mro__);T(socket.gaierror.__mro__);T(socket.CMSG_LEN,5)
