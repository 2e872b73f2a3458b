"""TPC-H in small: its eight tables drawn by a seed, and its twenty-two questions.

Prices are whole numbers and discounts are sixty-fourths, so that sums in floating point do not depend on their order and
answers can be compared byte for byte. Every row of a person carries the customer's key, and a day on which data ends.
"""

import random
from datetime import date, timedelta

import pyarrow as pa

NATIONS = ("FRANCE", "GERMANY", "BRAZIL", "CANADA", "SAUDI ARABIA", "JAPAN", "CHINA", "KENYA")
REGIONS = ("EUROPE", "AMERICA", "ASIA", "AFRICA", "MIDDLE EAST")
OF_REGION = (0, 0, 1, 1, 4, 2, 2, 3)
SEGMENTS = ("BUILDING", "MACHINERY", "AUTOMOBILE")
PRIORITIES = ("1-URGENT", "2-HIGH", "3-MEDIUM", "5-LOW")
MODES = ("MAIL", "SHIP", "AIR", "AIR REG", "RAIL")
INSTRUCTIONS = ("DELIVER IN PERSON", "NONE")
TYPES = ("ECONOMY ANODIZED STEEL", "PROMO BURNISHED COPPER", "STANDARD PLATED BRASS", "SMALL BRUSHED BRASS")
CONTAINERS = ("SM CASE", "SM BOX", "MED BOX", "MED BAG", "LG CASE", "JUMBO PKG")
FIRST, LAST = date(1992, 1, 1), date(1998, 8, 2)
CUSTOMERS, SUPPLIERS, PARTS, ORDERS = 150, 20, 60, 1500


def tables(seed: int = 22) -> dict[str, pa.Table]:
    """The eight tables."""
    draw = random.Random(seed)
    nowhere = pa.array([None], pa.date32())
    region = pa.table({"r_regionkey": range(len(REGIONS)), "r_name": list(REGIONS)})
    nation = pa.table({"n_nationkey": range(len(NATIONS)), "n_name": list(NATIONS), "n_regionkey": list(OF_REGION)})
    supplier = pa.table(
        {
            "s_suppkey": range(1, SUPPLIERS + 1),
            "s_name": [f"Supplier#{n}" for n in range(1, SUPPLIERS + 1)],
            "s_address": [f"street {n}" for n in range(1, SUPPLIERS + 1)],
            "s_nationkey": [n % len(NATIONS) for n in range(SUPPLIERS)],
            "s_phone": [f"{10 + n}-100" for n in range(SUPPLIERS)],
            "s_acctbal": [draw.randint(-999, 9999) for _ in range(SUPPLIERS)],
            "s_comment": [draw.choice(("fine", "Customer slow Complaints", "quick")) for _ in range(SUPPLIERS)],
        }
    )
    part = pa.table(
        {
            "p_partkey": range(1, PARTS + 1),
            "p_name": [draw.choice(("forest green", "forest red", "sky green", "sand")) for _ in range(PARTS)],
            "p_mfgr": [f"Manufacturer#{1 + n % 5}" for n in range(PARTS)],
            "p_brand": [f"Brand#{draw.choice((12, 23, 34, 45))}" for _ in range(PARTS)],
            "p_type": [draw.choice(TYPES) for _ in range(PARTS)],
            "p_size": [draw.choice((1, 5, 9, 14, 15, 23)) for _ in range(PARTS)],
            "p_container": [draw.choice(CONTAINERS) for _ in range(PARTS)],
            "p_retailprice": [900 + n for n in range(PARTS)],
        }
    )
    pairs = [(p, 1 + (p * 7 + k * 5) % SUPPLIERS) for p in range(1, PARTS + 1) for k in range(4)]
    pairs = list(dict.fromkeys(pairs))
    partsupp = pa.table(
        {
            "ps_partkey": [p for p, _ in pairs],
            "ps_suppkey": [s for _, s in pairs],
            "ps_availqty": [draw.randint(1, 9999) for _ in pairs],
            "ps_supplycost": [draw.randint(1, 1000) for _ in pairs],
        }
    )
    customer = pa.table(
        {
            "c_custkey": range(1, CUSTOMERS + 1),
            "c_name": [f"Customer#{n}" for n in range(1, CUSTOMERS + 1)],
            "c_address": [f"road {n}" for n in range(1, CUSTOMERS + 1)],
            "c_nationkey": [draw.randrange(len(NATIONS)) for _ in range(CUSTOMERS)],
            "c_phone": [f"{10 + n % 25}-200-{n}" for n in range(CUSTOMERS)],
            "c_acctbal": [draw.randint(-999, 9999) for _ in range(CUSTOMERS)],
            "c_mktsegment": [draw.choice(SEGMENTS) for _ in range(CUSTOMERS)],
            "c_comment": ["" for _ in range(CUSTOMERS)],
            "c_since": [FIRST] * CUSTOMERS,
            "c_ended": nowhere.take(pa.array([0] * CUSTOMERS)),
        }
    )
    orders, lines = _orders(draw, pairs)
    return {
        "region": _dated(region),
        "nation": _dated(nation),
        "supplier": _dated(supplier),
        "part": _dated(part),
        "partsupp": _dated(partsupp),
        "customer": customer,
        "orders": orders,
        "lineitem": lines,
    }


def _dated(table: pa.Table) -> pa.Table:
    return table.append_column("loaded_on", pa.array([FIRST] * table.num_rows, pa.date32()))


def _orders(draw: random.Random, pairs: list[tuple[int, int]]) -> tuple[pa.Table, pa.Table]:
    orders: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for key in range(1, ORDERS + 1):
        customer = draw.choice([n for n in range(1, CUSTOMERS + 1) if n % 3])
        day = FIRST + timedelta(days=draw.randrange((LAST - FIRST).days))
        status = draw.choice("FOP")
        orders.append(
            {
                "o_orderkey": key,
                "o_custkey": customer,
                "o_orderstatus": status,
                "o_totalprice": draw.randint(1000, 500_000),
                "o_orderdate": day,
                "o_orderpriority": draw.choice(PRIORITIES),
                "o_shippriority": 0,
                "o_comment": draw.choice(("", "special requests", "the special packages requests")),
                "o_ended": None,
            }
        )
        for number in range(1, draw.randint(1, 5) + 1):
            part, supplier = draw.choice(pairs)
            shipped = day + timedelta(days=draw.randint(1, 120))
            lines.append(
                {
                    "l_orderkey": key,
                    "l_custkey": customer,
                    "l_partkey": part,
                    "l_suppkey": supplier,
                    "l_linenumber": number,
                    "l_quantity": draw.randint(1, 50),
                    "l_extendedprice": draw.randint(900, 90_000),
                    "l_discount": draw.randrange(8) / 64,
                    "l_tax": draw.randrange(8) / 64,
                    "l_returnflag": draw.choice("RAN"),
                    "l_linestatus": draw.choice("OF"),
                    "l_shipdate": shipped,
                    "l_commitdate": shipped + timedelta(days=draw.randint(-30, 30)),
                    "l_receiptdate": shipped + timedelta(days=draw.randint(1, 30)),
                    "l_shipinstruct": draw.choice(INSTRUCTIONS),
                    "l_shipmode": draw.choice(MODES),
                    "l_ended": None,
                }
            )
    return _typed(orders, "o_ended"), _typed(lines, "l_ended")


def _typed(rows: list[dict[str, object]], ended: str) -> pa.Table:
    table = pa.Table.from_pylist(rows)
    return table.set_column(table.schema.get_field_index(ended), ended, table[ended].cast(pa.date32()))


REVENUE = "sum(l_extendedprice * (1 - l_discount))"
QUESTIONS = {
    1: f"""select l_returnflag, l_linestatus, sum(l_quantity) as q, sum(l_extendedprice) as base, {REVENUE} as net,
        sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as charge, avg(l_quantity) as aq, avg(l_discount) as ad, count(*) as n
        from lineitem where l_shipdate <= date '1998-12-01' - interval '90' day group by l_returnflag, l_linestatus
        order by l_returnflag, l_linestatus""",
    2: """select s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment
        from part, supplier, partsupp, nation, region where p_partkey = ps_partkey and s_suppkey = ps_suppkey and p_size = 15
        and p_type like '%BRASS' and s_nationkey = n_nationkey and n_regionkey = r_regionkey and r_name = 'EUROPE'
        and ps_supplycost = (select min(ps_supplycost) from partsupp, supplier, nation, region where p_partkey = ps_partkey
          and s_suppkey = ps_suppkey and s_nationkey = n_nationkey and n_regionkey = r_regionkey and r_name = 'EUROPE')
        order by s_acctbal desc, n_name, s_name, p_partkey limit 100""",
    3: f"""select l_orderkey, {REVENUE} as revenue, o_orderdate, o_shippriority from customer, orders, lineitem
        where c_mktsegment = 'BUILDING' and c_custkey = o_custkey and l_orderkey = o_orderkey and o_orderdate < date '1995-03-15'
        and l_shipdate > date '1995-03-15' group by l_orderkey, o_orderdate, o_shippriority
        order by revenue desc, o_orderdate, l_orderkey limit 10""",
    4: """select o_orderpriority, count(*) as n from orders where o_orderdate >= date '1993-07-01'
        and o_orderdate < date '1993-07-01' + interval '3' month and exists (select * from lineitem
          where l_orderkey = o_orderkey and l_commitdate < l_receiptdate) group by o_orderpriority order by o_orderpriority""",
    5: f"""select n_name, {REVENUE} as revenue from customer, orders, lineitem, supplier, nation, region
        where c_custkey = o_custkey and l_orderkey = o_orderkey and l_suppkey = s_suppkey and c_nationkey = s_nationkey
        and s_nationkey = n_nationkey and n_regionkey = r_regionkey and r_name = 'ASIA' and o_orderdate >= date '1994-01-01'
        and o_orderdate < date '1994-01-01' + interval '1' year group by n_name order by revenue desc""",
    6: """select sum(l_extendedprice * l_discount) as revenue from lineitem where l_shipdate >= date '1994-01-01'
        and l_shipdate < date '1994-01-01' + interval '1' year and l_discount between 0.05 and 0.07 and l_quantity < 24""",
    7: """select supp_nation, cust_nation, l_year, sum(volume) as revenue from (
          select n1.n_name as supp_nation, n2.n_name as cust_nation, extract(year from l_shipdate) as l_year,
            l_extendedprice * (1 - l_discount) as volume from supplier, lineitem, orders, customer, nation n1, nation n2
          where s_suppkey = l_suppkey and o_orderkey = l_orderkey and c_custkey = o_custkey and s_nationkey = n1.n_nationkey
            and c_nationkey = n2.n_nationkey and ((n1.n_name = 'FRANCE' and n2.n_name = 'GERMANY')
              or (n1.n_name = 'GERMANY' and n2.n_name = 'FRANCE')) and l_shipdate between date '1995-01-01' and date '1996-12-31'
        ) as shipping group by supp_nation, cust_nation, l_year order by supp_nation, cust_nation, l_year""",
    8: """select o_year, sum(case when nation = 'BRAZIL' then volume else 0 end) / sum(volume) as share from (
          select extract(year from o_orderdate) as o_year, l_extendedprice * (1 - l_discount) as volume, n2.n_name as nation
          from part, supplier, lineitem, orders, customer, nation n1, nation n2, region where p_partkey = l_partkey
            and s_suppkey = l_suppkey and l_orderkey = o_orderkey and o_custkey = c_custkey and c_nationkey = n1.n_nationkey
            and n1.n_regionkey = r_regionkey and r_name = 'AMERICA' and s_nationkey = n2.n_nationkey
            and o_orderdate between date '1995-01-01' and date '1996-12-31' and p_type = 'ECONOMY ANODIZED STEEL'
        ) as all_nations group by o_year order by o_year""",
    9: """select nation, o_year, sum(amount) as profit from (select n_name as nation, extract(year from o_orderdate) as o_year,
            l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity as amount
          from part, supplier, lineitem, partsupp, orders, nation where s_suppkey = l_suppkey and ps_suppkey = l_suppkey
            and ps_partkey = l_partkey and p_partkey = l_partkey and o_orderkey = l_orderkey and s_nationkey = n_nationkey
            and p_name like '%green%') as profit group by nation, o_year order by nation, o_year desc""",
    10: f"""select c_custkey, c_name, {REVENUE} as revenue, c_acctbal, n_name, c_address, c_phone, c_comment
        from customer, orders, lineitem, nation where c_custkey = o_custkey and l_orderkey = o_orderkey
        and o_orderdate >= date '1993-10-01' and o_orderdate < date '1993-10-01' + interval '3' month and l_returnflag = 'R'
        and c_nationkey = n_nationkey group by c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment
        order by revenue desc limit 20""",
    11: """select ps_partkey, sum(ps_supplycost * ps_availqty) as value from partsupp, supplier, nation
        where ps_suppkey = s_suppkey and s_nationkey = n_nationkey and n_name = 'GERMANY' group by ps_partkey
        having sum(ps_supplycost * ps_availqty) > (select sum(ps_supplycost * ps_availqty) * 0.0001
          from partsupp, supplier, nation where ps_suppkey = s_suppkey and s_nationkey = n_nationkey and n_name = 'GERMANY')
        order by value desc, ps_partkey""",
    12: """select l_shipmode, sum(case when o_orderpriority = '1-URGENT' or o_orderpriority = '2-HIGH' then 1 else 0 end) as high,
        sum(case when o_orderpriority <> '1-URGENT' and o_orderpriority <> '2-HIGH' then 1 else 0 end) as low
        from orders, lineitem where o_orderkey = l_orderkey and l_shipmode in ('MAIL', 'SHIP') and l_commitdate < l_receiptdate
        and l_shipdate < l_commitdate and l_receiptdate >= date '1994-01-01'
        and l_receiptdate < date '1994-01-01' + interval '1' year group by l_shipmode order by l_shipmode""",
    13: """select c_count, count(*) as custdist from (select c_custkey, count(o_orderkey) from customer left outer join orders
          on c_custkey = o_custkey and o_comment not like '%special%requests%' group by c_custkey) as c_orders (c_custkey, c_count)
        group by c_count order by custdist desc, c_count desc""",
    14: f"""select 100.00 * sum(case when p_type like 'PROMO%' then l_extendedprice * (1 - l_discount) else 0 end) / {REVENUE}
        as promo from lineitem, part where l_partkey = p_partkey and l_shipdate >= date '1995-09-01'
        and l_shipdate < date '1995-09-01' + interval '1' month""",
    15: f"""with revenue (supplier_no, total) as (select l_suppkey, {REVENUE} from lineitem where l_shipdate >= date '1996-01-01'
          and l_shipdate < date '1996-01-01' + interval '3' month group by l_suppkey)
        select s_suppkey, s_name, s_address, s_phone, total from supplier, revenue where s_suppkey = supplier_no
        and total = (select max(total) from revenue) order by s_suppkey""",
    16: """select p_brand, p_type, p_size, count(distinct ps_suppkey) as n from partsupp, part where p_partkey = ps_partkey
        and p_brand <> 'Brand#45' and p_type not like 'STANDARD%' and p_size in (49, 14, 23, 45, 19, 3, 36, 9)
        and ps_suppkey not in (select s_suppkey from supplier where s_comment like '%Customer%Complaints%')
        group by p_brand, p_type, p_size order by n desc, p_brand, p_type, p_size""",
    17: """select sum(l_extendedprice) / 7.0 as yearly from lineitem, part where p_partkey = l_partkey and p_brand = 'Brand#23'
        and p_container = 'MED BOX' and l_quantity < (select 0.2 * avg(l_quantity) from lineitem where l_partkey = p_partkey)""",
    18: """select c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity) as q from customer, orders, lineitem
        where o_orderkey in (select l_orderkey from lineitem group by l_orderkey having sum(l_quantity) > 150)
        and c_custkey = o_custkey and o_orderkey = l_orderkey
        group by c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice order by o_totalprice desc, o_orderdate limit 100""",
    19: f"""select {REVENUE} as revenue from lineitem, part where (p_partkey = l_partkey and p_brand = 'Brand#12'
          and p_container in ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG') and l_quantity >= 1 and l_quantity <= 11
          and p_size between 1 and 5 and l_shipmode in ('AIR', 'AIR REG') and l_shipinstruct = 'DELIVER IN PERSON')
        or (p_partkey = l_partkey and p_brand = 'Brand#23' and p_container in ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
          and l_quantity >= 10 and l_quantity <= 20 and p_size between 1 and 10 and l_shipmode in ('AIR', 'AIR REG')
          and l_shipinstruct = 'DELIVER IN PERSON')
        or (p_partkey = l_partkey and p_brand = 'Brand#34' and p_container in ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
          and l_quantity >= 20 and l_quantity <= 30 and p_size between 1 and 15 and l_shipmode in ('AIR', 'AIR REG')
          and l_shipinstruct = 'DELIVER IN PERSON')""",
    20: """select s_name, s_address from supplier, nation where s_suppkey in (select ps_suppkey from partsupp
          where ps_partkey in (select p_partkey from part where p_name like 'forest%') and ps_availqty > (
            select 0.5 * sum(l_quantity) from lineitem where l_partkey = ps_partkey and l_suppkey = ps_suppkey
              and l_shipdate >= date '1994-01-01' and l_shipdate < date '1994-01-01' + interval '1' year))
        and s_nationkey = n_nationkey and n_name = 'CANADA' order by s_name""",
    21: """select s_name, count(*) as numwait from supplier, lineitem l1, orders, nation where s_suppkey = l1.l_suppkey
        and o_orderkey = l1.l_orderkey and o_orderstatus = 'F' and l1.l_receiptdate > l1.l_commitdate
        and exists (select * from lineitem l2 where l2.l_orderkey = l1.l_orderkey and l2.l_suppkey <> l1.l_suppkey)
        and not exists (select * from lineitem l3 where l3.l_orderkey = l1.l_orderkey and l3.l_suppkey <> l1.l_suppkey
          and l3.l_receiptdate > l3.l_commitdate) and s_nationkey = n_nationkey and n_name = 'SAUDI ARABIA'
        group by s_name order by numwait desc, s_name limit 100""",
    22: """select cntrycode, count(*) as numcust, sum(c_acctbal) as total from (select substring(c_phone from 1 for 2) as cntrycode,
          c_acctbal from customer where substring(c_phone from 1 for 2) in ('13', '31', '23', '29', '30', '18', '17')
          and c_acctbal > (select avg(c_acctbal) from customer where c_acctbal > 0.00 and substring(c_phone from 1 for 2) in
            ('13', '31', '23', '29', '30', '18', '17')) and not exists (select * from orders where o_custkey = c_custkey)) as custsale
        group by cntrycode order by cntrycode""",
}
HIDDEN = {  # question -> the first hidden column that its refusal names is one of these
    10: {"c_name", "c_acctbal", "c_address", "c_phone"},
    18: {"c_name"},
    22: {"c_phone", "c_acctbal"},
}
