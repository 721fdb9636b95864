#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"
#include "tiles/archive/directory.hpp"
#include "tiles/archive/header.hpp"

#include <memory>
#include <vector>

/// First the bytes as a file that begins with a header, then as a directory.
void diaban::tests::fuzz::pmtiles(Bytes input) {
    using namespace tiles::archive;
    auto const bytes = std::as_bytes(input);
    try {
        auto const header = decode_header(bytes, bytes.size());
        require(header.root.offset + header.root.length <= bytes.size(), "a root beyond the file");
        auto const written = encode(header);
        require(encode(decode_header(written, bytes.size())) == written,
                "a header written and read is another");
    } catch (geo::Error const&) {
    }
    auto const entries = decode(bytes);
    if (!entries) return;
    auto const again = decode(encode(*entries));
    require(again == entries, "a directory written and read is another");
    auto const leaf = std::make_shared<std::vector<Entry> const>(*entries);
    for (auto const& entry : *entries) {
        try {
            auto const found = locate(*entries, entry.number, [&](Entry const&) { return leaf; });
            require(!found || found->run > 0, "a leaf is taken for a tile");
        } catch (geo::Error const&) {
        }
    }
}
