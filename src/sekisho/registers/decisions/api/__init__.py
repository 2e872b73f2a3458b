"""OpenID AuthZEN Authorization API 1.0: may this subject do this with this resource, who may, on whom, what?"""
