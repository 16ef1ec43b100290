// Constant folding on the tree.
#pragma once
#include "src/ast.h"

enum { CONSTANT_FOLDED = 1 };  // in a Constant's scratch: the result of an operation

// Replaces operations on constants by their results, bottom up. Leaves alone what would raise and what would be large. __debug__ becomes what it is at that level of optimization; -1: it stays.
Node *fold_tree(Front *f, Node *tree, int optimize);
