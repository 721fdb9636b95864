#define BOOST_TEST_MODULE raster
#include <boost/test/unit_test.hpp>
