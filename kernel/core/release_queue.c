/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The release queue
 *
 * Loops without a bound beside them go up or down one path of the tree: at most 1.45 log2 of the
 * number of threads, which is less than 64.
 */
#include <core/release_queue.h>

enum side { EARLIER, LATER };

static const struct tcb_ref none = { 0 };

static struct release_node *node_at(struct tcb_ref thread)
{
    return &tcb_at(thread)->release;
}

static unsigned tree_height(struct tcb_ref tree)
{
    return tree.raw == 0 ? 0 : node_at(tree)->height;
}

/* Highest priority in the tree; -1 if it is empty. */
static int tree_top(struct tcb_ref tree)
{
    return tree.raw == 0 ? -1 : node_at(tree)->top;
}

/* The outermost thread on one side of a tree that is not empty. */
static struct tcb_ref tree_end(struct tcb_ref tree, enum side side)
{
    while (node_at(tree)->child[side].raw != 0) {
        tree = node_at(tree)->child[side];
    }
    return tree;
}

/* Compute what a node knows of the tree below it from its children. */
static void node_renew(struct tcb *thread)
{
    struct release_node *node = &thread->release;
    const unsigned earlier = tree_height(node->child[EARLIER]);
    const unsigned later = tree_height(node->child[LATER]);
    int top = thread->priority;

    for (word_t i = 0; i < 2; i++) {
        if (tree_top(node->child[i]) > top) {
            top = tree_top(node->child[i]);
        }
    }
    node->height = (uint8_t)(1 + (earlier > later ? earlier : later));
    node->top = (uint8_t)top;
}

/* Hang `tree` (may be empty) where `old` hangs below `parent`; without a parent, at the root. */
static void tree_replace(struct release_queue *queue, struct tcb_ref parent, struct tcb_ref old,
                         struct tcb_ref tree)
{
    if (parent.raw == 0) {
        queue->root = tree;
    } else {
        struct release_node *above = node_at(parent);

        above->child[above->child[LATER].raw == old.raw ? LATER : EARLIER] = tree;
    }
    if (tree.raw != 0) {
        node_at(tree)->parent = parent;
    }
}

/* The child on `side` takes the place of `node`, which becomes its child on the other side. */
static struct tcb_ref tree_rotate(struct release_queue *queue, struct tcb_ref node, enum side side)
{
    const enum side other = side == LATER ? EARLIER : LATER;
    const struct tcb_ref up = node_at(node)->child[side];
    const struct tcb_ref between = node_at(up)->child[other];

    tree_replace(queue, node_at(node)->parent, node, up);
    node_at(node)->child[side] = between;
    if (between.raw != 0) {
        node_at(between)->parent = node;
    }
    node_at(up)->child[other] = node;
    node_at(node)->parent = up;
    node_renew(tcb_at(node));
    node_renew(tcb_at(up));
    return up;
}

/* Restore the balance at `node`, whose children are balanced. Returns what is in its place then. */
static struct tcb_ref tree_balance(struct release_queue *queue, struct tcb_ref node)
{
    const unsigned earlier = tree_height(node_at(node)->child[EARLIER]);
    const unsigned later = tree_height(node_at(node)->child[LATER]);
    const enum side side = later > earlier ? LATER : EARLIER;
    const enum side other = later > earlier ? EARLIER : LATER;
    const struct tcb_ref child = node_at(node)->child[side];

    if (earlier + 1 >= later && later + 1 >= earlier) {
        node_renew(tcb_at(node));
        return node;
    }
    /* If the higher part is inside, turn it outwards first. */
    if (tree_height(node_at(child)->child[other]) > tree_height(node_at(child)->child[side])) {
        tree_rotate(queue, child, other);
    }
    return tree_rotate(queue, node, side);
}

/* Something changed at `node`, or a child of it is another: restore what holds, from there up until
 * nothing changes for those above. */
static void tree_mend(struct release_queue *queue, struct tcb_ref node)
{
    while (node.raw != 0) {
        const uint8_t height = node_at(node)->height;
        const uint8_t top = node_at(node)->top;

        node = tree_balance(queue, node);
        if (node_at(node)->height == height && node_at(node)->top == top) {
            return;
        }
        node = node_at(node)->parent;
    }
}

void release_queue_init(struct release_queue *queue)
{
    *queue = (struct release_queue){ .first_time = UINT64_MAX };
}

void release_queue_insert(struct release_queue *queue, struct tcb *thread, word_t time)
{
    const struct tcb_ref ref = tcb_ref_of(thread);
    struct tcb_ref parent = none;
    struct tcb_ref at = queue->root;
    enum side side = EARLIER;

    while (at.raw != 0) {
        parent = at;
        side = node_at(at)->time <= time ? LATER : EARLIER;
        at = node_at(at)->child[side];
    }
    thread->release = (struct release_node){ .parent = parent, .time = time };
    if (parent.raw == 0) {
        queue->root = ref;
    } else {
        node_at(parent)->child[side] = ref;
    }
    if (time < queue->first_time) {
        queue->first = ref;
        queue->first_time = time;
    }
    tree_mend(queue, ref);
}

/* Take out a node with two children: the next in order, which has no earlier child, takes its
 * place. */
static void tree_remove_inner(struct release_queue *queue, struct tcb_ref node)
{
    const struct tcb_ref next = tree_end(node_at(node)->child[LATER], EARLIER);
    const struct tcb_ref above = node_at(next)->parent;

    tree_replace(queue, above, next, node_at(next)->child[LATER]);
    tree_replace(queue, node_at(node)->parent, node, next);
    for (word_t i = 0; i < 2; i++) {
        const struct tcb_ref child = node_at(node)->child[i];

        node_at(next)->child[i] = child;
        if (child.raw != 0) {
            node_at(child)->parent = next;
        }
    }
    /* What those above know of this place. */
    node_at(next)->height = node_at(node)->height;
    node_at(next)->top = node_at(node)->top;
    if (above.raw != node.raw) {
        tree_mend(queue, above);
    }
    tree_mend(queue, next);
}

void release_queue_remove(struct release_queue *queue, struct tcb *thread)
{
    const struct tcb_ref ref = tcb_ref_of(thread);
    const struct tcb_ref earlier = thread->release.child[EARLIER];
    const struct tcb_ref later = thread->release.child[LATER];

    if (queue->first.raw == ref.raw) {
        const struct tcb *next = release_queue_next(thread);

        queue->first = next != NULL ? tcb_ref_of(next) : none;
        queue->first_time = next != NULL ? next->release.time : UINT64_MAX;
    }
    if (earlier.raw != 0 && later.raw != 0) {
        tree_remove_inner(queue, ref);
    } else {
        tree_replace(queue, thread->release.parent, ref, earlier.raw != 0 ? earlier : later);
        tree_mend(queue, thread->release.parent);
    }
}

void release_queue_renew(struct release_queue *queue, struct tcb *thread)
{
    tree_mend(queue, tcb_ref_of(thread));
}

/* The first thread of this priority in a tree that has one, up to which none has a higher one. */
static struct tcb *tree_find(struct tcb_ref tree, int priority)
{
    for (;;) {
        const struct tcb_ref earlier = node_at(tree)->child[EARLIER];

        if (tree_top(earlier) == priority) {
            tree = earlier;
        } else if (tcb_at(tree)->priority == priority) {
            return tcb_at(tree);
        } else {
            tree = node_at(tree)->child[LATER];
        }
    }
}

struct tcb *release_queue_highest(const struct release_queue *queue, word_t now)
{
    struct tcb_ref at = queue->root;
    struct tcb_ref found = none; /* a tree to the first of the highest in which all are due */
    int highest = -1;

    while (at.raw != 0) {
        if (node_at(at)->time > now) {
            at = node_at(at)->child[EARLIER];
            continue;
        }
        const struct tcb_ref earlier = node_at(at)->child[EARLIER];

        if (tree_top(earlier) > highest) {
            highest = tree_top(earlier);
            found = earlier;
        }
        if (tcb_at(at)->priority > highest) {
            highest = tcb_at(at)->priority;
            found = at;
        }
        at = node_at(at)->child[LATER];
    }
    return found.raw == 0 ? NULL : tree_find(found, highest);
}

struct tcb *release_queue_next(const struct tcb *thread)
{
    struct tcb_ref at = tcb_ref_of(thread);
    struct tcb_ref above = thread->release.parent;

    if (thread->release.child[LATER].raw != 0) {
        return tcb_at(tree_end(thread->release.child[LATER], EARLIER));
    }
    while (above.raw != 0 && node_at(above)->child[LATER].raw == at.raw) {
        at = above;
        above = node_at(above)->parent;
    }
    return tcb_at(above);
}
