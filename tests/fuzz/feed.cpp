#include "services/domain/feed.hpp"

#include "geo/error.hpp"
#include "services/http/uri.hpp"
#include "tests/fuzz/targets.hpp"

void diaban::tests::fuzz::feed(Bytes input) {
    using namespace services::domain;
    try {
        auto const items = read_feed(text_of(input));
        require(items.size() <= most_feed_items, "more items than are taken");
        for (auto const& item : items) {
            require(item.title.size() <= most_title && item.summary.size() <= most_summary &&
                        item.link.size() <= most_link,
                    "a text beyond its bound");
            require(services::http::is_utf8(item.title) && services::http::is_utf8(item.summary),
                    "a text that is not UTF-8");
            static_cast<void>(link_key(item.link));
        }
    } catch (geo::Error const&) {
    }
}
