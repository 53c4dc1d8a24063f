#
# Copyright (C) the ngx_acctinfo_module authors
#
# What the makers of lists share.


def shortest(terms):
    """without those that hold another, which finds them; in their order"""

    have = set(terms)

    return [t for t in terms
            if not any(t[i:k] in have for i in range(len(t))
                       for k in range(i + 1, len(t) + 1) if k - i < len(t))]
