#include "geo/codec/rfc3339.hpp"
#include "services/domain/feed.hpp"
#include "services/live/position.hpp"
#include "tests/fuzz/targets.hpp"

/// Dates, instants and positions in a feed, as clients write them.
void diaban::tests::fuzz::times(Bytes input) {
    auto const text = text_of(input);
    auto const same = [](std::optional<geo::Instant> const& read) {
        if (!read) return;
        std::string written;
        geo::codec::append_instant(written, *read);
        // A time of day west or east of the years' ends is written with another number of digits.
        auto const again = geo::codec::read_instant(written);
        require(!again || *again == *read, "an instant written and read is another");
    };
    same(geo::codec::read_instant(text));
    same(services::domain::read_mail_date(text));
    if (auto const date = geo::codec::read_date(text))
        require(geo::codec::date_text(*date) == text, "a date written is another");
    if (auto const at = services::live::read_position(text))
        require(services::live::read_position(services::live::write_position(*at)) == at,
                "a position written and read is another");
}
