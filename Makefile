# Lots. `make` builds lotsd and lotsctl, `make check` builds twice (sanitizers, release) and tests all.
#
# O=DIR chooses the build folder, SAN=1 builds with ASan and UBSan (folder build-san).
# A floor is a folder; its *.c are taken by wildcard into one archive. A floor that is still empty,
# or a program whose main is not there, is left out.

SAN ?=
O ?= $(if $(SAN),build-san,build)
CC = gcc
AR = gcc-ar
PYTHON ?= python3

prefix = /usr
sbindir = $(prefix)/sbin
bindir = $(prefix)/bin
datadir = $(prefix)/share
mandir = $(datadir)/man
unitdir = $(prefix)/lib/systemd/system
libexecdir = $(prefix)/lib/lots
DESTDIR =

CPPFLAGS = -D_GNU_SOURCE -DLOTS_LIBEXEC='"$(libexecdir)"' -DLOTS_DATADIR='"$(datadir)/lots"' -Idaemon -I.
# V=1 shows the commands.
V ?=
Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1) $(2)')
WARN = -Wall -Wextra -Werror
ifeq ($(SAN),)
CPPFLAGS += -D_FORTIFY_SOURCE=2
OPT = -O2 -g
else
OPT = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
CFLAGS = -std=c11 $(OPT) $(WARN) -fPIE -fstack-protector-strong -fstack-clash-protection
LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed
# Never `pkg-config --libs libetpan`: it brings a specs file that makes a program without PIE.
LIBS = -letpan -lesmtp -lcurl -lsqlite3 -lcyaml -lyaml -lytnef -lmicrohttpd -lseccomp \
	-lsystemd -lidn2 -ljansson -lnettle -lgnutls -lssl -lcrypto -lm

# The floors, highest first: the order in which they are linked.
FLOORS = app workers store handlers core mail base
dir_handlers = handlers
dir_of = $(or $(dir_$(1)),daemon/$(1))
sources_of = $(filter-out %/main_lotsd.c %/main_lotsctl.c %/main_lots_parser.c %/main_heap.c,$(sort $(wildcard $(call dir_of,$(1))/*.c)))
objects = $(patsubst %.c,$(O)/obj/%.o,$(1))

FLOORS_HERE = $(foreach f,$(FLOORS),$(if $(call sources_of,$(f)),$(f)))
ARCHIVES = $(FLOORS_HERE:%=$(O)/lib%.a)
MAINS = $(wildcard daemon/app/main_lotsd.c daemon/app/main_lotsctl.c daemon/app/main_lots_parser.c)
# main_lots_parser.c is lots-parser: no program has an underscore.
PROGRAMS = $(patsubst daemon/app/main_%.c,$(O)/%,$(filter-out %_parser.c,$(MAINS))) $(O)/lots-parser
UNIT_SOURCES = $(sort $(wildcard tests/unit/test_*.c))
# Files beside the tests that several of them share.
UNIT_SHARED = $(filter-out $(UNIT_SOURCES),$(sort $(wildcard tests/unit/*.c)))
UNIT = $(patsubst tests/unit/%.c,$(O)/unit/%,$(UNIT_SOURCES))
SCENARIO_SOURCES = $(sort $(wildcard tests/scenario/*.c))
SCENARIO = $(if $(SCENARIO_SOURCES),$(O)/scenario)
FUZZ = $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
# Small programs that tests and people run: tests/tools/x_tool.c or x_main.c is x-tool.
TOOLS = $(sort $(patsubst tests/tools/%_tool.c,$(O)/%-tool,$(wildcard tests/tools/*_tool.c)) \
	$(patsubst tests/tools/%_main.c,$(O)/%-tool,$(wildcard tests/tools/*_main.c)))
# The C part of benches: tests/bench/*.c, each a program.
BENCH = $(patsubst tests/bench/%.c,$(O)/bench/%,$(sort $(wildcard tests/bench/*.c)))
# Small programs that only tests use: tests/tools/a_tool.c becomes a-tool.
TOOL_SOURCES = $(sort $(wildcard tests/tools/*.c))
TOOLS = $(foreach t,$(TOOL_SOURCES),$(O)/$(subst _,-,$(notdir $(basename $(t)))))
SOURCES = $(foreach f,$(FLOORS),$(call sources_of,$(f))) $(MAINS) daemon/app/main_heap.c $(UNIT_SOURCES) $(UNIT_SHARED) \
	$(SCENARIO_SOURCES) $(wildcard tests/bench/*.c) $(TOOL_SOURCES)
FORMATTED = $(sort $(wildcard daemon/*/*.[ch] handlers/*.[ch] tests/*/*.[ch]))
HEADERS = $(sort $(wildcard daemon/*/*.h handlers/*.h))

.PHONY: all
all: $(ARCHIVES) $(PROGRAMS)

define archive_rule
$(O)/lib$(1).a: $(call objects,$(call sources_of,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR,$$@)
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach f,$(FLOORS_HERE),$(eval $(call archive_rule,$(f))))

LINK = $(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	-Wl,--start-group $(filter %.a,$^) -Wl,--end-group

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Of programs only: daemon/app/main_heap.c tells why.
HEAP = $(O)/obj/daemon/app/main_heap.o
$(filter-out %/lots-parser,$(PROGRAMS)): $(O)/%: $(O)/obj/daemon/app/main_%.o $(HEAP) $(ARCHIVES)
	$(call say,LD,$@)
	$(LINK) $(LIBS)

# lots-parser is forked for each mail, and each library costs a fork five mappings: it is linked whole, the C
# library too, where the archives are there. lotsd hands it what it would need iconv's libraries for. Our own
# mailmime_extract_boundary must win over the library's (daemon/mail/mime_boundary.c), so that one is made
# weak in a copy.
ETPAN_A := $(firstword $(wildcard /usr/lib/*/libetpan.a /usr/lib/libetpan.a))
LIBC_A := $(firstword $(wildcard /usr/lib/*/libc.a /usr/lib/libc.a))
ifneq ($(and $(ETPAN_A),$(LIBC_A),$(if $(SAN),,plain)),)
PARSER_ETPAN = $(O)/libetpan-parser.a
PARSER_LIBS = -lytnef -ljansson -lnettle -lseccomp
$(O)/lots-parser $(O)/bench/parser_hop: LDFLAGS := -static-pie $(filter-out -pie,$(LDFLAGS))
PARSER_HEAP = $(O)/obj/daemon/app/main_heap_wrapped.o
$(O)/lots-parser: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(PARSER_HEAP): daemon/app/main_heap.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -DHEAP_WRAPPED $(CFLAGS) -MMD -MP -c -o $@ $<
-include $(PARSER_HEAP:.o=.d)
$(PARSER_ETPAN): $(ETPAN_A)
	@mkdir -p $(@D)
	@objcopy --weaken-symbol=mailmime_extract_boundary $< $@
else
PARSER_ETPAN =
PARSER_HEAP = $(HEAP)
PARSER_LIBS = $(LIBS)
endif
# What a linker has written lies in the page cache in single pages until it is read anew, and each child maps
# it: a copy, written at once, lies there in large ones.
$(O)/lots-parser: $(O)/obj/daemon/app/main_lots_parser.o $(PARSER_HEAP) $(ARCHIVES) $(PARSER_ETPAN)
	$(call say,LD,$@)
	$(LINK) $(PARSER_LIBS)
	$(Q)cp $@ $@.copy && mv $@.copy $@

$(UNIT): $(O)/unit/%: $(O)/obj/tests/unit/%.o $(call objects,$(UNIT_SHARED)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(LINK) -lcmocka $(LIBS)

$(O)/scenario: $(call objects,$(SCENARIO_SOURCES)) $(ARCHIVES)
	$(call say,LD,$@)
	$(LINK) $(LIBS)

$(O)/%-tool: $(O)/obj/tests/tools/%_tool.o $(ARCHIVES)
	$(call say,LD,$@)
	$(LINK) $(LIBS)
$(O)/%-tool: $(O)/obj/tests/tools/%_main.o $(ARCHIVES)
	$(call say,LD,$@)
	$(LINK) $(LIBS)

# The parser's hop as lots-parser has it.
$(O)/bench/parser_hop: $(O)/obj/tests/bench/parser_hop.o $(ARCHIVES) $(PARSER_ETPAN)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(LINK) $(PARSER_LIBS)
$(filter-out %/parser_hop,$(BENCH)): $(O)/bench/%: $(O)/obj/tests/bench/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(LINK) $(LIBS)

define tool_rule
$(O)/$(subst _,-,$(notdir $(basename $(1)))): $(call objects,$(1)) $(ARCHIVES)
	$$(call say,LD,$$@)
	$$(LINK) $$(LIBS)
endef
$(foreach t,$(TOOL_SOURCES),$(eval $(call tool_rule,$(t))))

# Fuzzers: clang, the floors compiled once more with coverage. FUZZ_SECONDS each.
FUZZ_SECONDS ?= 60
FUZZ_FLOORS = $(foreach f,handlers core mail base,$(call sources_of,$(f)))
FUZZ_OBJECTS = $(patsubst %.c,$(O)/fuzzobj/%.o,$(FUZZ_FLOORS))
FUZZ_FLAGS = -std=c11 -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
$(O)/fuzzobj/%.o: %.c
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -U_FORTIFY_SOURCE $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(O)/fuzzobj/libfloors.a: $(FUZZ_OBJECTS)
	@rm -f $@
	@$(AR) rcs $@ $^
$(FUZZ): $(O)/fuzz/%: $(O)/fuzzobj/tests/fuzz/%.o $(O)/fuzzobj/libfloors.a
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

.PHONY: unit tests-built deps deps-build check demo bench torture fuzz
unit: $(UNIT)
	$(PYTHON) tests/run --only unit --build $(O)

# What tests preload into lotsd: tests/preload/a.c becomes a.so.
PRELOADS = $(patsubst tests/preload/%.c,$(O)/%.so,$(wildcard tests/preload/*.c))
$(PRELOADS): $(O)/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -O2 $(WARN) -fPIC -shared -o $@ $<

tests-built: all $(UNIT) $(SCENARIO) $(TOOLS) $(PRELOADS)

# dpkg-query alone when all is there; apt is called only for what is missing and never removes.
deps:
	@$(MAKE) -s deps-install USES='build run test'
deps-build:
	@$(MAKE) -s deps-install USES='build run'
.PHONY: deps-install
deps-install:
	@sh tests/deps packages.txt $(USES)

check: deps
	$(MAKE) SAN=1 O=build-san tests-built
	$(MAKE) O=build tests-built
	$(PYTHON) tests/run --build build --san build-san

demo:
	@echo "Lots: a working day at a sample support desk."
	@echo "Installs by apt what is missing of packages.txt (its name is said first; nothing else needs root),"
	@echo "builds in build/, and plays the day in the folder demo/. No mail leaves this machine."
	@$(MAKE) -s deps-build
	@$(MAKE) -s O=build all
	@LOTS_BUILD=build tests/demo/run

bench: all $(BENCH)
	LOTS_BUILD=$(O) tests/bench/run

torture: all $(O)/power-tool $(PRELOADS)
	LOTS_BUILD=$(O) tests/torture/run

fuzz: $(FUZZ)
	@for f in $(FUZZ); do \
		c=$(O)/corpus/$$(basename $$f); mkdir -p $$c; \
		s=tests/fuzz/seeds/$$(basename $$f); [ -d $$s ] || s=; \
		echo "$$f: $(FUZZ_SECONDS) s"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=1 $$c $$s || exit 1; \
	done

# Every mail in a browser: sheets of pictures in $(O)/look/sheets, and axe-core on each mail.
.PHONY: look
look: $(O)/unit/test_preview
	@rm -rf $(O)/look/mails && mkdir -p $(O)/look/mails
	@LOTS_PREVIEW=$(O)/look/mails $(O)/unit/test_preview > /dev/null
	$(PYTHON) tests/tools/look.py sheets $(O)/look/mails $(O)/look/sheets
	LOTS_BUILD=$(O) tests/check/axe

.PHONY: format check-format check-headers install clean
format:
	clang-format -i $(FORMATTED)
check-format:
	@clang-format --dry-run -Werror $(FORMATTED)

# Each header must compile alone.
check-headers: $(patsubst %,$(O)/headers/%.ok,$(HEADERS))
$(O)/headers/%.h.ok: %.h
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) -std=c11 $(WARN) -fsyntax-only -MMD -MP -MT $@ -MF $(@:.ok=.d) -x c $<
	@touch $@

# Templates and the sample's settings go beside each other in datadir/lots.
install: all
	install -D -m 755 $(O)/lotsd $(DESTDIR)$(sbindir)/lotsd
	install -D -m 755 $(O)/lots-parser $(DESTDIR)$(libexecdir)/lots-parser
	install -D -m 755 $(O)/lotsctl $(DESTDIR)$(bindir)/lotsctl
	install -d -m 755 $(DESTDIR)/etc/lots
	install -d -m 700 $(DESTDIR)/etc/lots/secrets
	install -D -m 644 systemd/lotsd.service $(DESTDIR)$(unitdir)/lotsd.service
	sed -i 's|/usr/sbin/lotsd|$(sbindir)/lotsd|' $(DESTDIR)$(unitdir)/lotsd.service
	for d in templates config; do [ -d $$d ] || continue; \
		find $$d -type f | while read -r f; do \
			install -D -m 644 "$$f" "$(DESTDIR)$(datadir)/lots/$$f"; done; done
	for p in docs/*.[58]; do [ -f "$$p" ] || continue; \
		install -D -m 644 "$$p" "$(DESTDIR)$(mandir)/man$${p##*.}/$${p##*/}"; done

clean:
	rm -rf build build-san

-include $(patsubst %.c,$(O)/obj/%.d,$(SOURCES)) $(FUZZ_OBJECTS:.o=.d) \
	$(patsubst %,$(O)/headers/%.d,$(HEADERS))
# Keep objects of unit tests.
.SECONDARY:
