// Constant folding on the tree.
#pragma once
#include "src/ast.h"

// Replaces operations on constants by their results, bottom up. Leaves alone what would raise, what would be large, and
// integers beyond 64 bits (the runtime computes those).
Node *fold_tree(Front *f, Node *tree);
