#include "geo/error.hpp"
#include "services/domain/photo.hpp"
#include "tests/fuzz/targets.hpp"

void diaban::tests::fuzz::jpeg(Bytes input) {
    std::string once;
    try {
        once = services::domain::stripped_jpeg(text_of(input));
    } catch (geo::Error const&) {
        return;
    }
    require(services::domain::stripped_jpeg(once) == once, "what was stripped is stripped again");
}
