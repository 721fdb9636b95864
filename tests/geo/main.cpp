#define BOOST_TEST_MODULE geo
#include <boost/test/unit_test.hpp>
