// The graph builder of the ops tests, compiled into this program too.
#include "ops/test_graph.cpp"
