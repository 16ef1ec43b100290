# datetime: values, reprs, errors of each type; the C module's words.
from datetime import *
import pickle, copy


def show(expression):
    try:
        print(expression, '->', repr(eval(expression)))
    except Exception as e:
        print(expression, '!!', type(e).__name__, e)


for line in '''date(0,1,1)
date(10000,1,1)
date(1,13,1)
date(2024,2,30)
date('a',1,1)
date(1.0,1,1)
date(b'\\x07\\xe8\\x02\\x1d')
date(2**40,1,1)
date.fromordinal(0)
date.fromordinal(10**7)
date.fromordinal('a')
date.fromisocalendar(2020,54,1)
date.fromisocalendar(2020,1,8)
date.fromisocalendar(20200,1,8)
date.fromisocalendar(9999,53,5)
date.fromisoformat(3)
date.fromisoformat('2020-1-1')
date.fromisoformat('2020-13-01')
datetime.fromisoformat('2020-1-1')
datetime.fromisoformat(3)
time.fromisoformat('25')
time.fromisoformat('25:00')
time.fromisoformat('xx')
time.fromisoformat(3)
date.fromtimestamp('a')
date.fromtimestamp(1e20)
date.fromtimestamp(float('nan'))
datetime.fromtimestamp(1e30)
datetime.fromtimestamp(10**30)
datetime.fromtimestamp(float('inf'))
datetime.fromtimestamp(float('nan'))
datetime.fromtimestamp(1, 3)
datetime.now(3)
datetime(1,1,1)-timedelta(1)
date(1,1,1)-timedelta(1)
date(1,1,1)-timedelta(10**9-1)
datetime(1,1,1)-timedelta(10**9-1)
timedelta(10**9)
timedelta(10**40)
timedelta(days=10**30, seconds=-86400*10**30)
timedelta('a')
timedelta(days=1j)
timedelta(float('inf'))
timedelta(float('nan'))
timedelta(1e20)
timedelta(1)/0
timedelta(1)//0
timedelta(1)/0.0
timedelta(1)//timedelta(0)
timedelta(1)%timedelta(0)
timedelta(1)/'a'
timedelta(1)*1e300
timedelta(1)*float('nan')
timedelta(1)*'a'
timedelta.max+timedelta(1)
-timedelta.max
abs(timedelta.min)
time(24)
time(0,60)
time(0,0,60)
time(0,0,0,10**6)
time(0,fold=2)
time(tzinfo=3)
time(1,2,3,4,timezone.utc,fold=1)
time(1,2)
time(1,2,3)
time(1,2,fold=1)
time('a')
datetime(1,1,1,24)
datetime(1,1,1,1,1,1,1,timezone.utc,fold=1)
datetime(1,1,1,fold=1)
datetime(1,1,1,0,0,5)
datetime(1,1,1,0,0,0,5)
datetime(1,1,1,tzinfo=3)
datetime(1,1,1).isoformat(timespec='x')
datetime(1,1,1).isoformat('xx')
datetime(1,1,1).isoformat(3)
timezone(1)
timezone(timedelta(1))
timezone(timedelta(hours=1),3)
timezone(timedelta(hours=1),'x')
timezone(timedelta(hours=1))
timezone(timedelta(0))
timezone.utc
str(timezone(timedelta(hours=-1,seconds=5)))
timezone.utc.utcoffset(3)
timezone.utc.tzname(3)
timezone.utc.dst(3)
timezone.utc.fromutc(3)
timezone.utc.fromutc(datetime(1,1,1))
tzinfo().utcoffset(None)
tzinfo().dst(None)
tzinfo().tzname(None)
tzinfo().fromutc(3)
tzinfo().fromutc(datetime(1,1,1))
tzinfo().fromutc(datetime(1,1,1,tzinfo=tzinfo()))
datetime(1,1,1,tzinfo=tzinfo()).utcoffset()
type('X',(tzinfo,),dict(utcoffset=lambda s,d:3))().utcoffset(3)
datetime(1,1,1,tzinfo=type('X',(tzinfo,),dict(utcoffset=lambda s,d:3))()).utcoffset()
datetime(1,1,1,tzinfo=type('X',(tzinfo,),dict(dst=lambda s,d:timedelta(1)))()).dst()
datetime(1,1,1,tzinfo=type('X',(tzinfo,),dict(tzname=lambda s,d:3))()).tzname()
datetime(1,1,1)<datetime(1,1,1,tzinfo=timezone.utc)
datetime(1,1,1)-datetime(1,1,1,tzinfo=timezone.utc)
time(1)<time(1,tzinfo=timezone.utc)
datetime(1,1,1)<date(1,1,1)
datetime(1,1,1)==date(1,1,1)
datetime.combine(1,2)
datetime.combine(date(1,1,1),2)
datetime.combine(date(1,1,1),time(1),3)
date(1,1,1).isocalendar()
date(1,1,1).replace(year=0)
date(1,1,1).replace(foo=0)
date(1,1,1).strftime(3)
format(date(1,1,1),'%Y')
date(1,1,1).__format__(3)
date(1,1,1).__reduce__()
time(1,2,3,4,fold=1).__reduce__()
time(1,2,3,4,fold=1).__reduce_ex__(3)
time(1,2,3,4,fold=1).__reduce_ex__(4)
datetime(1,2,3,4,5,6,7,fold=1).__reduce__()
datetime(1,2,3,4,5,6,7,timezone.utc,fold=1).__reduce_ex__(4)
timezone.utc.__reduce__()
timezone(timedelta(hours=1),'x').__reduce__()
tzinfo().__reduce__()
timedelta(1).__reduce__()
timezone.min
timezone.max
datetime.min
datetime.max
datetime.resolution
time.min
time.max
time.resolution
date.resolution
timedelta.min
timedelta.max
timedelta.resolution
date.__text_signature__
timedelta.__text_signature__
datetime(1,1,1).astimezone(3)
sorted(date.__dict__)
sorted(time.__dict__)
sorted(datetime.__dict__)
sorted(timedelta.__dict__)
sorted(tzinfo.__dict__)
sorted(timezone.__dict__)
type(date(1,1,1).isocalendar()).__mro__
type(date(1,1,1).isocalendar())(1,2,3)
type(timedelta.days)
type(date.year)
datetime.strptime('x','%Y')
time.strptime('10','%H')
date.strptime('2020-01-02','%Y-%m-%d')
date(9999,12,31)+timedelta(1)
datetime(1,1,1)+3
3+datetime(1,1,1)
timedelta(1)+3
date(1,1,1)+3
date(1,1,1)-3
datetime(1,1,1).ctime()
date(2024,1,31).ctime()
bool(time(0))
hash(timedelta(1))==hash((1,0,0))
hash(timezone.utc)==hash(timedelta(0))
datetime(1,1,1).timestamp()
datetime(1970,1,1,tzinfo=timezone.utc).timestamp()
datetime(1970,1,1,tzinfo=timezone.utc).utctimetuple()
datetime(1970,1,1,tzinfo=timezone.utc).timetuple()
date(1970,1,1).timetuple()
datetime(2020,1,1,1,1,1,5).replace(hour=3,fold=1)
timedelta(1).__repr__()
timedelta(microseconds=-1)
str(timedelta(microseconds=-1))
str(timedelta(2,3,4))
datetime(1,1,1).replace(None)
time(1).replace(tzinfo=None)
type('X',(timezone,),{})
time(b'\\x01\\x02\\x03\\x00\\x00\\x04')
datetime(b'\\x07\\xe8\\x02\\x1d\\x01\\x02\\x03\\x00\\x00\\x04')
datetime(b'\\x07\\xe8\\x02\\x1d\\x01\\x02\\x03\\x00\\x00\\x04', 3)
time(b'\\x01\\x02\\x03\\x00\\x00\\x04', 3)'''.split('\n'):
    show(line)

# ---- text and back
for text in ('2024-02-29', '20240229', '2024-W09-4', '2024W094', '2024-W09'):
    print(text, date.fromisoformat(text), datetime.fromisoformat(text))
for text in ('2024-02-29T12:34:56.789012+05:30', '20240229T123456,5Z', '2024-W09-4 00:00-00:00:01', '2024-12-31T24:00', '2024-02-29 12'):
    print(text, repr(datetime.fromisoformat(text)))
for text in ('2024-02-29T24:01', '2024-02-29T', '2024-02-30', '2024-W60-1', '2024-02-29T12:34:56.', '2024-02-29T12:34+5', 'T12'):
    show(f'datetime.fromisoformat({text!r})')
moment = datetime(2024, 2, 29, 12, 34, 56, 789012, timezone(timedelta(hours=-5, minutes=-30), 'here%'))
for form in ('%Y-%m-%d %H:%M:%S.%f', '%z|%:z|%Z', '%G-W%V-%u', '%C', '%F', '100%', '%%Y', 'caf\xe9 %Y \ud83d'):
    print(ascii(moment.strftime(form)), ascii(date(7, 1, 1).strftime(form)) if form != '%F' else '')
for spec in ('auto', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds'):
    print(moment.isoformat(timespec=spec), moment.timetz().isoformat(spec))

# ---- subclasses keep their class; arithmetic of zones; pickles and copies
class Day(date):
    pass


class Moment(datetime):
    pass


class Shifting(tzinfo):  # an hour ahead in the first half of each hour
    def utcoffset(self, dt):
        return timedelta(hours=1 if dt.minute < 30 else 0)

    def dst(self, dt):
        return timedelta(hours=1 if dt.minute < 30 else 0)

    def tzname(self, dt):
        return 'S'


print(type(Day(2024, 1, 1) + timedelta(1)), type(Day.today()), type(Moment(2024, 1, 1) - timedelta(1)), type(Moment.fromordinal(5)))
print(repr(Moment(2024, 1, 1, fold=1).replace(hour=2)), type(Moment.now(timezone.utc)), type(Moment.combine(Day(2024, 1, 2), time(3))))
utc = datetime(2024, 5, 6, 7, 45, tzinfo=timezone.utc)
print(utc.astimezone(Shifting()), utc.astimezone(timezone(timedelta(hours=2))), utc == utc.astimezone(timezone(timedelta(hours=2))))
print(hash(utc) == hash(utc.astimezone(timezone(timedelta(hours=2)))), utc - utc.astimezone(timezone(timedelta(hours=9))))
for o in (utc, utc.timetz(), utc.date(), timedelta(1, 2, 3), timezone.utc, timezone(timedelta(hours=1), 'x'), datetime(1, 1, 1, fold=1)):
    print(all(pickle.loads(pickle.dumps(o, p)) == o for p in range(6)), copy.copy(o) == o, copy.deepcopy(o) == o, pickle.loads(pickle.dumps(o, 5)))
print(timedelta(microseconds=0.5), timedelta(microseconds=1.5), timedelta(days=0.1, seconds=0.3), timedelta(7) / 3, timedelta(7) * 0.33, divmod(timedelta(1), timedelta(hours=7)))
