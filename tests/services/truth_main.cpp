#define BOOST_TEST_MODULE truth
#include <boost/test/unit_test.hpp>
