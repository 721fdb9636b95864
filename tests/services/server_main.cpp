#define BOOST_TEST_MODULE server
#include <boost/test/unit_test.hpp>

#if defined(__SANITIZE_THREAD__)
/// Debian's Pistache is not built with it: what its threads hand to one another, a connection from
/// who answers on it to who closes it, looks as if nothing ordered it.
extern "C" char const* __tsan_default_suppressions();
extern "C" char const* __tsan_default_suppressions() {
    return "race:libpistache.so\n";
}
#endif
