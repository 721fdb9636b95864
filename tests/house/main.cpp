#define BOOST_TEST_MODULE house
#include <boost/test/unit_test.hpp>
