# SPDX-License-Identifier: BSD-2-Clause
"""The verbs of `tools/tessera` and their options."""

import argparse
import os
import shlex
import shutil
import sys
from pathlib import Path

from cli import apps, builder, checks, packages, pipeline
from cli.common import BUILD, TOP, Failure, say
from sdk import sdk
from sim.session import Session

AUDIT_VERBS = ("who-can", "holds", "why", "can-flow", "isolated", "budgets", "lint", "policies")
FORWARDED = {"compose": "tessera-compose", "capdl": "tessera-capdl", "image": "tessera-image"}

DESCRIPTION = """\
Build and run systems of isolated components.

  run linux     a stock Debian Linux in an isolated virtual machine
  test          build and check everything

Missing Debian packages are installed after saying so."""

EPILOG = """\
exit status of run: 0 the system powered itself off (or --until was seen), 124 time is up,
130 ended from the keyboard, anything else is a failure.
compose, capdl and image call the host programs of the same name with the same options;
image takes our loader and release kernel unless --kernel and --loader name others."""


def add_run_options(parser):
    """The options of `run`, which the scripts' variants use too."""
    parser.add_argument("app", nargs="?", help="an app; 'list' shows them")
    parser.add_argument("--root-task", metavar="FILE", help="boot this ELF instead of an app")
    parser.add_argument("--until", metavar="TEXT", help="succeed as soon as the console shows TEXT")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="give up after so long")
    parser.add_argument("--icount", action="store_true", help="a deterministic run")
    parser.add_argument("--gic", type=int, choices=(2, 3), help="interrupt controller, board and guest")
    parser.add_argument("--cpu", metavar="NAME", help="cortex-a53 (default), cortex-a57, cortex-a72, max")
    parser.add_argument("--memory", metavar="SIZE", help="RAM of the guest, or of the board if there is none")
    parser.add_argument("--config", choices=("debug", "release"), default="release", help="which kernel")
    parser.add_argument("--kernel", metavar="FILE",
                        help="the guest's kernel; with --root-task: debug or release, as --config")
    parser.add_argument("--initrd", metavar="FILE", help="the guest's initial file system")
    parser.add_argument("--append", metavar="TEXT",
                        help="the guest's kernel command line; of a root task, in the device tree it is given")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE",
                        help="set any parameter of system.xml")
    parser.add_argument("--load-at", type=lambda text: int(text, 0), metavar="ADDRESS",
                        help="put the image at this physical address, instead of where QEMU wants it")
    parser.add_argument("--verify", action="store_true",
                        help="before the system starts, compare what was built with its spec")
    parser.add_argument("--initialiser", default="initialiser", metavar="NAME",
                        help=argparse.SUPPRESS)   # for tests of the comparison
    parser.add_argument("--boot", default="", metavar="OPTIONS",
                        help="boot options, as 'tools/tessera image --help' lists them")
    add_boot_options(parser)
    parser.add_argument("--print-qemu", action="store_true", help="show the emulator's command line and stop")


def add_boot_options(parser):
    """Those boot options of tessera-image that a root task's configuration decides."""
    group = parser.add_argument_group("what the root task was built for")
    for name, high, text in (("root-cnode-bits", "12-18", "slots of its CNode, log2"),
                             ("domains", "1-16", "scheduling domains"),
                             ("boot-slice-ms", "N", "its time slice")):
        group.add_argument(f"--{name}", metavar=high, help=text)
    for name, text in (("user-timer", "native threads may use counters and timers"),
                       ("user-pmu", "threads may use the performance counters"),
                       ("smc", "it may make secure monitor calls"),
                       ("vm-window", "the first 512 MiB of RAM are device memory"),
                       ("extensions", "Tessera's additions to the API exist")):
        group.add_argument(f"--{name}", action="store_true", help=text)


def boot_options(options):
    """What add_boot_options parsed, as tessera-image wants it, after the words of --boot."""
    words = shlex.split(options.boot) + (["--verify"] if options.verify else [])
    for name in ("root-cnode-bits", "domains", "boot-slice-ms"):
        value = getattr(options, name.replace("-", "_"))
        words += [f"--{name}", value] if value is not None else []
    for name in ("user-timer", "user-pmu", "smc", "vm-window", "extensions"):
        words += [f"--{name}"] if getattr(options, name.replace("-", "_")) else []
    return words


def run_parser():
    """A parser for the options of `run` alone."""
    parser = argparse.ArgumentParser(prog="tessera run", add_help=False)
    add_run_options(parser)
    return parser


def choices_of(options):
    """The parsed options as pipeline.Choices."""
    config, kernel = options.config, options.kernel
    if options.root_task and kernel in ("debug", "release"):
        config, kernel = kernel, None
    return pipeline.Choices(config, options.gic, options.cpu, options.memory, options.icount,
                            kernel, options.initrd, options.append, options.param,
                            boot_options(options), options.load_at, options.initialiser)


def verb_run(options):
    """Runs an app, or a root task, on the emulated board."""
    choices = choices_of(options)
    if bool(options.app) == bool(options.root_task):
        raise Failure("run needs an app or --root-task FILE; 'tools/tessera list' shows the apps")
    ready = None
    if options.root_task:
        board, image = pipeline.prepare_root_task(options.root_task, 1 << 30, choices)
    else:
        app = apps.App(options.app)
        ready = app.scripts()[0].ready
        board, image = pipeline.prepare_app(app, choices)
    if options.print_qemu:
        print(board.command_text(image))
        return 0
    return Session(board.command(image), ready, options.until, options.timeout).run()


def verb_build(options):
    """Builds everything, and the images of all apps."""
    builder.build_for_run()
    builder.build_preset("host")
    for name in options.apps or apps.names():
        pipeline.app_image(apps.App(name), pipeline.Choices(config=options.config))
        say(f"{name} is built")
    return 0


def verb_test(options):
    """Builds and checks everything."""
    if options.long and options.stages:
        raise Failure("--long is a tier of its own: name no stages with it")
    return checks.test(options.stages, options.only, options.long)


def verb_manual(options):
    """Builds the kernel manual as an HTML site, or only checks what it cites."""
    from manual import site
    packages.ensure(packages.BUILD_PACKAGES)
    try:
        if options.check:
            pages, citations = site.check(TOP)
            print(f"{pages} pages, {citations} citations: all resolve")
        else:
            site.build(TOP, BUILD / "manual")
            print(BUILD / "manual/index.html")
    except site.Error as error:
        raise Failure(f"manual: {error}") from None
    return 0


def verb_bench(arguments):
    """Prints the figures."""
    script = TOP / "tools/bench/bench.py"
    if not script.is_file():
        raise Failure("there is no benchmark yet")
    os.execv(sys.executable, [sys.executable, str(script), *arguments])


def verb_mutate(arguments):
    """Changes single points of the kernel's core and says which changes no test notices."""
    from mutate import mutate
    return mutate.main(arguments)


def verb_audit(options):
    """Says who can do what in an app, before it runs."""
    packages.ensure([*packages.BUILD_PACKAGES, *packages.PICTURE_PACKAGES])
    name, question = options.app, options.question
    if name in AUDIT_VERBS and question and question[0] not in AUDIT_VERBS:
        name, question = question[0], [name, *question[1:]]
    if name.endswith(".cdl"):
        builder.build_preset("host", "tessera-audit")
        cdl = pipeline.absolute(name)
    else:
        cdl = str(pipeline.app_spec(audit_app(name), pipeline.Choices(params=options.param)) / "system.cdl")
    os.execv(builder.program("tessera-audit"), ["tessera-audit", cdl, *question])


def audit_app(name):
    """The app of that name, or the folder or system.xml with that path."""
    path = Path(name)
    if path.suffix == ".xml" or "/" in name:
        folder = (path if path.is_dir() else path.parent).resolve()
        return apps.App(folder.name, folder)
    return apps.App(name)


def verb_sdk(options):
    """Makes an SDK folder with which Microkit projects build and boot, unmodified."""
    sdk.create(Path(options.folder))
    print(f"{options.folder} is made; in a project:  make "
          f"MICROKIT_SDK={Path(options.folder).resolve()} MICROKIT_BOARD={sdk.BOARD}")
    return 0


def verb_list(_):
    """Lists the apps."""
    for name in apps.names():
        print(f"{name:16} {apps.App(name).title()}")
    return 0


def verb_clean(options):
    """Removes what was built; what was fetched only with --deps."""
    for path in sorted(BUILD.iterdir()) if BUILD.is_dir() else []:
        if path.name == "deps" and not options.deps:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return 0


def verb_doctor(_):
    """Says what is missing on this machine and what will be installed."""
    lacking = packages.report()
    for name in ("arm64", "guest"):
        there = (BUILD / "deps" / name / "stamp").is_file()
        print(f"fetched {name}: {'yes' if there else 'no, will be fetched when needed'}")
    if not lacking:
        print("nothing is missing")
        return 0
    way = packages.privilege()
    print("missing packages are installed when needed" if way is not None else
          "missing packages cannot be installed from here (no root, no sudo)", "by:")
    print("    " + packages.install_line(lacking))
    return 1


def verb_new(options):
    """Makes a new app that runs at once."""
    folder = apps.create(options.name)
    print(f"{folder.relative_to(TOP)} is made; next:  tools/tessera run {options.name}")
    return 0


# Verbs that read their options themselves.
OWN_OPTIONS = {"bench": verb_bench, "mutate": verb_mutate}


def parser():
    """The whole command line."""
    top = argparse.ArgumentParser(prog="tessera", description=DESCRIPTION, epilog=EPILOG,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)

    def add(name, function):
        verb = verbs.add_parser(name, help=function.__doc__, description=function.__doc__)
        verb.set_defaults(function=function)
        return verb

    add_run_options(add("run", verb_run))
    build = add("build", verb_build)
    build.add_argument("apps", nargs="*", help="only the images of these apps")
    build.add_argument("--config", choices=("debug", "release"), default="release")
    test = add("test", verb_test)
    test.add_argument("stages", nargs="*", metavar="STAGE",
                      help=f"only these: {' '.join(checks.STAGES)}")
    test.add_argument("--only", action="append", default=[], metavar="NAME",
                      help="of stage boot, only this app or .run file")
    test.add_argument("--long", action="store_true",
                      help="the long tier instead: hours; goes on where an earlier run was ended")
    for name, function in OWN_OPTIONS.items():
        add(name, function)
    add("manual", verb_manual).add_argument("--check", action="store_true",
                                            help="write nothing, only resolve what is cited")
    audit = add("audit", verb_audit)
    audit.add_argument("--param", action="append", default=[], metavar="NAME=VALUE",
                       help="set any parameter of system.xml")
    audit.add_argument("app", help="an app ('list' shows them), the folder of a system.xml, or a .cdl file")
    audit.add_argument("question", nargs=argparse.REMAINDER,
                       help="who-can OBJECT [RIGHT], holds A, why A B, can-flow A B, isolated A B, budgets, "
                            "lint, policies, --text, --svg FILE, --html FILE; none: all as text. A verb "
                            "may also stand before the app.")
    add("sdk", verb_sdk).add_argument("folder", metavar="OUTDIR")
    add("list", verb_list)
    add("clean", verb_clean).add_argument("--deps", action="store_true", help="also what was fetched")
    add("doctor", verb_doctor)
    add("new", verb_new).add_argument("name")
    for name, program in FORWARDED.items():
        verbs.add_parser(name, help=f"call {program} with the options that follow")
    return top


def forward(name, arguments):
    """Calls a host program in our place."""
    packages.ensure(packages.BUILD_PACKAGES)
    builder.build_preset("host", FORWARDED[name])
    path = builder.program(FORWARDED[name])
    if name == "image" and "--help" not in arguments and "--kernel" not in arguments:
        builder.build_for_run("tessera-image")
        arguments = [*map(str, pipeline.kernel_files("release")), *arguments]
    os.execv(path, [FORWARDED[name], *arguments])


def main(arguments):
    """The command; returns the exit status."""
    try:
        if arguments and arguments[0] in FORWARDED:
            forward(arguments[0], arguments[1:])
        if arguments and arguments[0] in OWN_OPTIONS:
            return OWN_OPTIONS[arguments[0]](arguments[1:])
        options = parser().parse_args(arguments)
        return options.function(options)
    except Failure as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
