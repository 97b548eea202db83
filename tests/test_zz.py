from tests.faults.scenes import *
from tests.cases import KINDS, protect_nobody
import time, collections
F={
 "throttled": dict(fault="throttled", seconds=0.05),
 "throttled_after": dict(fault="throttled_after", seconds=0.05),
 "unavailable": dict(fault="unavailable"),
 "unavailable_after": dict(fault="unavailable_after"),
 "dropped": dict(fault="dropped"),
 "dropped_after": dict(fault="dropped_after"),
 "truncated": dict(fault="truncated"),
 "slow": dict(fault="slow", milliseconds=100),
 "stale": dict(fault="stale"),
 "stale2": dict(fault="stale", seconds=1),
 "expired": dict(fault="expired_token"),
 "refused": dict(fault="refused"),
 "throughout": dict(fault="unavailable", times=1000),
 "throttled throughout": dict(fault="throttled", times=1000),
 "after throughout": dict(fault="unavailable_after", times=1000),
 "dropped throughout": dict(fault="dropped", times=1000),
 "dropped_after throughout": dict(fault="dropped_after", times=1000),
}
def test_d(bare_door):
    protect_nobody(bare_door)
    s=Stage(bare_door)
    def go(sc):
        for a,b in one_of_each_sort(sc):
            for n,f in F.items():
                t=time.time()
                p=s.play(a,b,f,**({"TOOLKIT_PATIENCE":"0.2"} if "throughout" in n else {}))
                print(f"{a.name:7} {b.operation:35} {'after' if b.after else ''} {n:18} exit={p.exit} wrote={p.wrote} next={p.next_exit} same={p.as_without_trouble} {p.ledger} {time.time()-t:.2f}", "" if p.exit==0 else [l for l in p.said.splitlines() if l.startswith(("!","?","toolkit"))])
    import os
    for k in os.environ["KS"].split():
        go(list(s.scenes(k, troubled(k))) if k!="people" else [s.of_people()])
