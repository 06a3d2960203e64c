/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Parts of the printer: lists, runs of references, names
 */
#include "print.h"

void list_item(struct list *list)
{
    capdl_text_printf(list->out, "%s", list->is_open ? ", " : list->before);
    list->is_open = true;
}

void list_end(struct list *list, const char *close)
{
    if (list->is_open) {
        capdl_text_printf(list->out, "%s", close);
    }
}

void list_number(struct list *list, const char *name, uint64_t number)
{
    list_item(list);
    capdl_text_printf(list->out, "%s: %llu", name, (unsigned long long)number);
}

static void run_flush(struct run *run)
{
    if (run->step == 0) {
        capdl_text_printf(&run->text, "%u", run->last);
    } else {
        capdl_text_printf(&run->text, "%u..%u", run->first, run->last);
    }
}

void run_start(const struct capdl_spec *spec, struct run *run, uint32_t object)
{
    const struct capdl_object *o = &spec->objects[object];
    run->name = o->name;
    run->is_array = o->index != CAPDL_NONE;
    run->first = o->index;
    run->last = o->index;
    run->step = 0;
    capdl_text_printf(&run->text, "%s%s", capdl_name_text(spec, o->name), run->is_array ? "[" : "");
}

bool run_add(const struct capdl_spec *spec, struct run *run, uint32_t object)
{
    const struct capdl_object *o = &spec->objects[object];
    if (!run->is_array || o->name != run->name || o->index == CAPDL_NONE) {
        return false;
    }
    int64_t step = (int64_t)o->index - run->last;
    if ((step == 1 || step == -1) && (run->step == 0 || run->step == step)) {
        run->step = (int)step;
    } else {
        run_flush(run);
        capdl_text_printf(&run->text, ", ");
        run->first = o->index;
        run->step = 0;
    }
    run->last = o->index;
    return true;
}

void run_end(struct run *run, struct capdl_text *out)
{
    if (run->is_array) {
        run_flush(run);
        capdl_text_printf(&run->text, "]");
    }
    capdl_text_add(out, run->text.bytes, run->text.length);
    capdl_text_free(&run->text);
}

void print_name(const struct capdl_spec *spec, uint32_t object, struct capdl_text *out)
{
    const struct capdl_object *o = &spec->objects[object];
    capdl_text_printf(out, "%s", capdl_name_text(spec, o->name));
    if (o->index != CAPDL_NONE) {
        capdl_text_printf(out, "[%u]", o->index);
    }
}

void print_slot(const struct capdl_spec *spec, uint32_t object, uint64_t slot,
                struct capdl_text *out)
{
    capdl_text_printf(out, "(");
    print_name(spec, object, out);
    capdl_text_printf(out, ", %llu)", (unsigned long long)slot);
}
