#define BOOST_TEST_MODULE terrain
#include <boost/test/unit_test.hpp>
