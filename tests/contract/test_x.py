from tests.contract.test_exceptions import *
def test_gone(school):

    school.write("95-trips.yaml", TRIP)
    apply(school)
    t = school.tenant
    for coll, f in (("groups", "mail"), ("google.groups", "email")):
        keys = [k for k, o in t.objects(coll).items() if str(o.get(f)).startswith("trip-leaders")]
        print(coll, keys)
        for k in keys:
            t.delete(coll, k)
    p = school.toolkit("plan")
    print(p.exit, p.out[-3000:])
    t.set_now("2026-11-14T09:00:00Z")
    p = school.toolkit("plan")
    print(p.exit, p.out, p.err)
    p = school.toolkit("apply", "--yes")
    print(p.exit, p.out, p.err)
    p = school.toolkit("plan")
    print(p.exit, p.out[-3000:])
    assert 0
