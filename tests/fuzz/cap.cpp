#include "geo/error.hpp"
#include "services/api/cap_reader.hpp"
#include "tests/fuzz/targets.hpp"

void diaban::tests::fuzz::cap(Bytes input) {
    try {
        auto const message = services::api::read_cap(text_of(input));
        require(!message.identity.empty(), "a message without identity");
        for (auto const& at : message.area.positions)
            require(at.x >= -200 && at.x <= 200 && at.y >= -90 && at.y <= 90,
                    "an area beyond the world");
    } catch (geo::Error const&) {
    }
}
