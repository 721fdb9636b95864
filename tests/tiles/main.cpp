#define BOOST_TEST_MODULE tiles
#include <boost/test/unit_test.hpp>
