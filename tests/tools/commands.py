#!/usr/bin/env python3
"""Prints docs/commands.md out of handlers/ and templates/en/help.txt; tests/check/commands compares.
Run in the repository: tests/tools/commands.py > docs/commands.md"""
import os
import re


def help_of(l):
    d={}
    for line in open('templates/%s/help.txt'%l):
        if ':' in line and line[0]!=';':
            k,v=line.split(':',1); d[k.strip()]=v.strip()
    return d
en = help_of('en')
order=[re.match(r'HANDLER\((\w+)\)',l).group(1) for l in open('handlers/handlers.def') if l.startswith('HANDLER')]
rows={}
for f in sorted(os.listdir('handlers')):
    if not f.endswith('.c'): continue
    s=open('handlers/'+f).read()
    arrays={m.group(1):re.findall(r'"([^"]*)"',m.group(2)) for m in re.finditer(r'static const char \*const (\w+)\[\] = \{([^}]*)\}',s)}
    for m in re.finditer(r'const struct handler (\w+) = \{(.*?)\n\};',s,re.S):
        b=m.group(2)
        if 'HANDLER_COMMAND' not in b: continue
        g=lambda k:(re.search(r'\.%s = &?"?(\w+)"?'%k,b) or [None,None])[1]
        rows[g('id')]=(arrays.get(g('words_sv'),[]),arrays.get(g('words_en'),[]),arrays.get(g('bare') or '',[]),g('reader'),g('help') or g('id'))
who={'READ_BY_REQUESTER':'requester','READ_BY_LOG':'log','READ_BY_NEXT_HOLDER':'next holder','READ_BY_GROUP':'group','READ_BY_SUPPLIER':'supplier, masked','READ_BY_SENDER':'sender'}
out=['''# Working by reply

A reply to a notification is the whole user interface. Without a command the text is the answer, and goes to
the one who asked, with the question whether it helped. Lines that begin with `#` at the top of your own text
are commands: Swedish or English, å, ä and ö optional, capitals and a full stop do not matter. A few words work
alone on the first line without `#`. `#hjälp` gives this list by mail, for the case at hand.

A command in the wrong place (further down, in the subject) or one that is not understood does nothing and
sends nothing; the receipt says what was seen, and SKICKA is the way on. So is a whole mail that only looks like a
command without its sign ("Stäng", "LFYT", "Lyft till FL") asked about, and a mail with files and no text. Every
receipt ends with what went to the requester.

The morning list is answered with a line for each case: `1042 löst ...`, `1043 till hsl`, or `ta 1044 och 1045`.
What is about yourself (`#frånvaro`, `#mina`) needs no case, but a reply to one of our mails.

| command | alone | what it does | who reads the text |
|---|---|---|---|''']
for name in [k for k in order if k in rows] + sorted(k for k in rows if k not in order):
    s, e, bare, r, h = rows[name]
    words=' '.join('`#%s`'%w for w in s+[w for w in e if w not in s])
    out.append('| %s | %s | %s | %s |'%(words,' '.join(w.upper() for w in bare),en.get(h,''),who.get(r,'log')))
print('\n'.join(out))
