// cql-text, as clients of CQL2's drafts send it.

#include "geo/error.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/filter/filter.hpp"
#include "tests/support/cql2_random.hpp"

#include <boost/test/unit_test.hpp>

using namespace diaban;
using geo::filter::read_draft_text;
using geo::filter::read_text;

namespace {

geo::filter::Expression drafted(char const* text) {
    return geo::filter::with_draft_times(read_draft_text(text), tests::cql2_schema());
}

} // namespace

BOOST_AUTO_TEST_CASE(a_draft_says_ilike_and_the_standard_casei) {
    BOOST_TEST(
        (read_draft_text("name ILIKE 'cẨm%'") == read_text("CASEI(name) LIKE CASEI('cẨm%')")));
    BOOST_TEST((read_draft_text("NOT (a NOT ilike 'b')") ==
                read_text("NOT (NOT (CASEI(a) LIKE CASEI('b')))")));
    BOOST_CHECK_THROW(read_text("name ILIKE 'cẨm%'"), geo::Error);
}

BOOST_AUTO_TEST_CASE(a_draft_writes_times_as_texts) {
    BOOST_TEST((drafted("built > '2025-03-01'") == read_text("built > DATE('2025-03-01')")));
    BOOST_TEST((drafted("'2025-03-01T' <= built") == read_text("DATE('2025-03-01') <= built")));
    BOOST_TEST(
        (drafted("seen = '2025-03-01'") == read_text("seen = TIMESTAMP('2025-03-01T00:00:00Z')")));
    BOOST_TEST((drafted("NOT (seen IN ('2025-03-01T07:00:00+07:00') OR TRUE)") ==
                read_text("NOT (seen IN (TIMESTAMP('2025-03-01T00:00:00Z')) OR TRUE)")));
}

BOOST_AUTO_TEST_CASE(a_draft_leaves_other_texts_alone) {
    for (auto const* const text : {"name = '2025-03-01'", "built = 'yesterday'", "seen > ''",
                                   "seen LIKE '2025-03-01'", "built IS NULL"})
        BOOST_TEST((drafted(text) == read_text(text)), text);
}
