# SPDX-License-Identifier: BSD-2-Clause
"""Made-up systems of any size for the page's tests: capDL as the composer writes it.

A few drivers and virtualisers, and tenants of up to eight components each: a front end,
an application with a cache, a data base, a log, and a virtual machine with its monitor.
"""

DRIVERS = {"serial": (0x9000000, 33), "net": (0xA000000, 79), "blk": (0xA001000, 78), "clock": (0x9010000, 34)}
ROLES = ("front", "app", "cache", "db", "auth", "log", "vmm", "linux")


class Sample:
    """A description with its capDL, both written line by line."""

    def __init__(self):
        self.xml = ["<system>"]
        self.parts = {}    # component: {"objects", "cnode", "tcb", "pt", "line", "slots"}
        self.loose = []
        self.irqs = []

    def line(self, text):
        """Adds a line to the description; returns its number."""
        self.xml.append("    " + text)
        return len(self.xml)

    def component(self, name, priority, keeper=None):
        """A component; a virtual machine if KEEPER is the component that runs it."""
        word = "virtual_machine" if keeper else "protection_domain"
        line = self.line(f'<{word} name="{name}" priority="{priority}"/>')
        self.parts[name] = {"line": line, "keeper": keeper, "priority": priority, "cnode": [], "pt": [],
                            "slots": 10, "pages": 2}

    def share(self, region, users, paddr=None):
        """A page that components use: {name: rights}."""
        extra = f", paddr: {paddr:#x}" if paddr else ""
        line = self.line(f'<memory_region name="{region}" size="0x1000"/>')
        self.loose.append((line, f"{region}_frame = frame (4k{extra})"))
        for name, rights in users.items():
            part = self.parts[name]
            line = self.line(f'<map pd="{name}" mr="{region}" perms="{rights.lower()}"/>')
            cached = ", uncached" if paddr else ""
            part["pt"].append((line, part["pages"], f"{region}_frame ({rights}{cached})"))
            part["pages"] += 1

    def notify(self, one, other):
        """A channel: both may signal the other."""
        line = self.line(f'<channel><end pd="{one}"/><end pd="{other}"/></channel>')
        for a, b in ((one, other), (other, one)):
            self.parts[a]["cnode"].append((line, self.parts[a]["slots"], f"{b}_ntfn (W, badge: {line})"))
            self.parts[a]["slots"] += 1

    def call(self, client, server):
        """A protected procedure: the client calls the server."""
        line = self.line(f'<channel><end pd="{client}" pp="true"/><end pd="{server}"/></channel>')
        self.parts[client]["cnode"].append((line, self.parts[client]["slots"], f"{server}_ep (WP, badge: {line})"))
        self.parts[client]["slots"] += 1

    def interrupt(self, name, number):
        """An interrupt that signals the component."""
        line = self.line(f'<irq pd="{name}" irq="{number}"/>')
        self.loose.append((line, f"{name}_irq = arm_irq (trigger: level, target: 0)"))
        self.parts[name]["cnode"].append((line, 138, f"{name}_irq"))
        self.irqs.append((line, name, number))

    def objects(self, name):
        """The objects of a component, and of the machine that it keeps."""
        part = self.parts[name]
        mine = [f"{name}_tcb = tcb (addr: 0x3ff000, ip: 0x200000, sp: 0x3f5000, prio: {part['priority']}, "
                f"max_prio: {part['priority']}, affinity: 0)"]
        mine += [f"{name}_{kind}" for kind in ("vspace = pud", "pd = pd", "pt = pt", "cnode = cnode (9 bits)",
                                               "sc = sc (8 bits, period: 10000, budget: 100)",
                                               "ipc = frame (4k)", "stack = frame (4k)", "code = frame (4k)",
                                               "data = frame (4k)", "ntfn = notification", "ep = ep",
                                               "reply = rtreply")]
        mine += [f"{name}_vcpu = vcpu"] if part["keeper"] else []
        kept = [other for other, its in self.parts.items() if its["keeper"] == name]
        return mine + [text for other in kept for text in self.objects(other)]

    def caps(self, name, number):
        """The capabilities of a component; NUMBER is its badge at its fault handler."""
        part = self.parts[name]
        handler = part["keeper"] or "monitor"
        out = [f"    {name}_tcb {{", f"        -- system.xml:{part['line']}",
               f"        cspace: {name}_cnode (guard: 0, guard_size: 55)", f"        vspace: {name}_vspace",
               f"        ipc_buffer_slot: {name}_ipc (RW)", f"        sc_slot: {name}_sc",
               f"        bound_notification: {name}_ntfn (R)"]
        out += [f"        fault_ep_slot: {handler}_ep (WP, badge: {number})"] if name != "monitor" else []
        out += [f"        bound_vcpu: {name}_vcpu"] if part["keeper"] else []
        out += ["    }", f"    {name}_vspace {{", f"        0: {name}_pd", "    }", f"    {name}_pd {{",
                f"        1: {name}_pt", "    }", f"    {name}_pt {{", f"        -- system.xml:{part['line']}",
                f"        0: {name}_code (RX)", f"        1: {name}_data (RW)", f"        500: {name}_stack (RW)",
                f"        511: {name}_ipc (RW)", *self.slots(part["pt"]), "    }", f"    {name}_cnode {{"]
        own = [] if part["keeper"] else [(part["line"], 1, f"{name}_ntfn (R)"), (part["line"], 3, f"{name}_ep (R)"),
                                         (part["line"], 4, f"{name}_reply")]
        return out + self.slots(own + part["cnode"]) + ["    }"]

    @staticmethod
    def slots(entries):
        """Slots, each with the line that is its reason."""
        return [text for line, slot, cap in entries
                for text in (f"        -- system.xml:{line}", f"        {slot}: {cap}")]

    def capdl(self):
        """The capDL text."""
        out = ["-- written by tessera-compose from system.xml", "arch aarch64", "objects {"]
        for name, part in self.parts.items():
            if not part["keeper"]:
                out += [f"    -- system.xml:{part['line']}", f"    {name}_ut = ut (18 bits) {{",
                        *(f"        {text}" for text in self.objects(name)), "    }"]
        out += [text for line, entry in self.loose for text in (f"    -- system.xml:{line}", f"    {entry}")]
        out += ["}", "caps {"]
        for number, name in enumerate(self.parts):
            out += self.caps(name, number + 1)
        for line, name, _ in self.irqs:
            out += [f"    {name}_irq {{", f"        -- system.xml:{line}", f"        0: {name}_ntfn (W, badge: 2)",
                    "    }"]
        out += ["}", "irq maps {", *(f"    {number}: {name}_irq" for _, name, number in self.irqs), "}"]
        return "\n".join(out) + "\n"


def tenant(sample, name, roles):
    """One tenant's components, its memory and its channels."""
    for place, role in enumerate(roles):
        sample.component(f"{name}_{role}", 150 - place, f"{name}_vmm" if role == "linux" else None)
    for a, b in (("front", "app"), ("app", "cache"), ("app", "db"), ("vmm", "front"), ("db", "log")):
        if a in roles and b in roles:
            sample.share(f"{name}_{a}_{b}", {f"{name}_{a}": "RW", f"{name}_{b}": "RW"})
            sample.notify(f"{name}_{a}", f"{name}_{b}")
    for client in ("front", "app", "db"):
        if client in roles and "auth" in roles:
            sample.call(f"{name}_{client}", f"{name}_auth")
    if "linux" in roles:
        vmm, linux = sample.parts[f"{name}_vmm"], sample.parts[f"{name}_linux"]
        vmm["cnode"].append((linux["line"], 266, f"{name}_linux_tcb"))
        sample.share(f"{name}_ram", {f"{name}_vmm": "RW", f"{name}_linux": "RWX"})
    for role, virtualiser in (("front", "net"), ("db", "blk"), ("log", "serial"), ("vmm", "net")):
        if role in roles and f"{virtualiser}_virt" in sample.parts:
            sample.share(f"{name}_{role}_{virtualiser}", {f"{virtualiser}_virt": "RW", f"{name}_{role}": "RW"})
            sample.notify(f"{virtualiser}_virt", f"{name}_{role}")


def make(count):
    """A system of COUNT components, the monitor not counted; returns (description, capDL)."""
    sample = Sample()
    left = count
    for name, (address, number) in DRIVERS.items():
        if left >= 2 and (name == "serial" or count > 20):
            sample.component(f"{name}_driver", 230)
            sample.component(f"{name}_virt", 220)
            sample.share(f"{name}_registers", {f"{name}_driver": "RW"}, address & ~0xFFF)
            sample.interrupt(f"{name}_driver", number)
            sample.share(f"{name}_rings", {f"{name}_driver": "RW", f"{name}_virt": "RW"})
            sample.notify(f"{name}_driver", f"{name}_virt")
            left -= 2
    roles = ROLES if count > 20 else ("app", "db", "log")
    for number in range((left + len(roles) - 1) // len(roles)):
        tenant(sample, f"t{number + 1:02}" if count > 20 else "shop", roles[:left - number * len(roles)])
    sample.component("monitor", 255)
    xml = "\n".join([*sample.xml, "</system>"]) + "\n"
    for name in list(sample.parts)[:-1]:
        part = sample.parts[name]
        if not part["keeper"]:
            sample.parts["monitor"]["cnode"].append((part["line"], sample.parts["monitor"]["slots"], f"{name}_tcb"))
            sample.parts["monitor"]["slots"] += 1
    return xml, sample.capdl()
