#include "services/http/content_coding.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/static_folder.hpp"
#include "tests/services/decode.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

namespace http = diaban::services::http;
using http::Encoding;

BOOST_AUTO_TEST_SUITE(negotiation)

BOOST_AUTO_TEST_CASE(the_coding_liked_best_wins_and_ours_decides_a_tie) {
    auto const is = [](std::string_view field, Encoding expected) {
        BOOST_TEST((http::choose_encoding(field) == expected), field);
    };
    is("", Encoding::identity);
    is("gzip", Encoding::gzip);
    is("gzip, deflate, br, zstd", Encoding::zstd);
    is("gzip, deflate, br", Encoding::brotli);
    is("gzip;q=1.0, br;q=0.9", Encoding::gzip);
    is("br;q=0, gzip;q=0.001", Encoding::gzip);
    is("zstd;q=0, *", Encoding::brotli);
    is("*;q=0", Encoding::identity);
    is("identity;q=0, *;q=0", Encoding::identity);
    is("identity, gzip;q=0.5", Encoding::identity);
    is("identity, gzip", Encoding::gzip);
    is("GZIP", Encoding::gzip);
    is("x-gzip", Encoding::gzip);
    is("gzip;q=2, br;q=abc, zstd;q=", Encoding::identity);
    is(",,;;,gzip", Encoding::gzip);
    is("unknown", Encoding::identity);
}

BOOST_AUTO_TEST_CASE(the_closest_range_decides_about_a_media_type) {
    auto const is = [](std::string_view field, int expected) {
        auto const chosen = http::choose_media_type(field, {"application/geo+json", "text/html"});
        BOOST_TEST((chosen ? static_cast<int>(*chosen) : -1) == expected, field);
    };
    is("", 0);
    is("*/*", 0);
    is("text/html", 1);
    is("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 1);
    is("application/*", 0);
    is("text/*;q=0.5, application/geo+json;q=0.4", 1);
    is("application/geo+json;q=0, */*", 1);
    is("image/png", -1);
    is(";;;", 0);
    is("garbage", 0);
    // What Java sends when nobody told it otherwise.
    is("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", 1);
}

BOOST_AUTO_TEST_CASE(entity_tags_are_compared_one_by_one) {
    BOOST_TEST(http::names_etag(R"("a", W/"b" , "c")", R"("b")"));
    BOOST_TEST(http::names_etag("*", R"("b")"));
    BOOST_TEST(!http::names_etag(R"("ab")", R"("b")"));
    BOOST_TEST(!http::names_etag("", R"("b")"));
}

BOOST_AUTO_TEST_CASE(a_body_decodes_to_itself_in_every_coding_and_effort) {
    std::mt19937 random{7};
    for (std::size_t const size :
         {std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{300'000}}) {
        std::string body(size, '\0');
        for (auto& c : body) c = static_cast<char>(random() % 7 == 0 ? random() : 'x');
        for (auto const effort : {http::Effort::live, http::Effort::kept})
            for (auto const encoding :
                 {Encoding::identity, Encoding::gzip, Encoding::brotli, Encoding::zstd})
                BOOST_TEST((diaban::tests::decode(http::encode(body, encoding, effort), encoding) ==
                            body));
    }
}

BOOST_AUTO_TEST_CASE(only_names_that_hold_a_content_hash_may_be_kept_for_good) {
    BOOST_TEST(http::has_content_hash("assets/index-B1xY9z_k.js"));
    BOOST_TEST(http::has_content_hash("assets/noto-sans-400-Dk3f-9aZ.woff2") == false);
    BOOST_TEST(!http::has_content_hash("index.html"));
    BOOST_TEST(!http::has_content_hash("fonts/noto-sans-latin-400.woff2"));
    BOOST_TEST(!http::has_content_hash("assets/maplibre-overview.js"));
}

BOOST_AUTO_TEST_SUITE_END()
