#include "services/http/content_coding.hpp"
#include "tests/fuzz/targets.hpp"

void diaban::tests::fuzz::gzip(Bytes input) {
    constexpr std::size_t most = 64 * 1024;
    auto const read = services::http::decode_gzip(text_of(input), most);
    require(!read || read->size() <= most, "more than was allowed");
}
