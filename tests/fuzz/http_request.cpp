#include "services/http/request_reader.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using services::http::RequestReader;
using State = RequestReader::State;

/// The requests that one connection's bytes were read as. What is refused may be so at any point
/// before its end.
std::vector<std::string> read_in_pieces(std::string_view bytes, std::size_t piece) {
    // Small bounds, so that short inputs reach them.
    RequestReader reader{{.target = 64,
                          .fields = 256,
                          .field_count = 8,
                          .body = 96,
                          .file_path = "/f",
                          .file = 200}};
    std::vector<std::string> told;
    while (!bytes.empty()) {
        reader.append(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (;;) {
            auto const state = reader.read();
            if (state == State::refused) {
                tests::fuzz::require(reader.refusal().status >= 400, "refused without a status");
                return told;
            }
            if (state != State::complete) break;
            auto const& request = reader.request();
            std::string line{to_string(request.method)};
            (((line += ' ') += request.path) += '?') += request.query;
            for (auto const& [name, value] : request.headers)
                (((line += '\n') += name) += ':') += value;
            ((line += '\n') += request.keep_alive ? "keeps " : "ends ") += request.body;
            told.push_back(std::move(line));
            reader.discard();
            if (reader.idle()) break;
        }
    }
    return told;
}

} // namespace

/// However a connection's bytes arrive, the same requests are read.
void diaban::tests::fuzz::http_request(Bytes input) {
    auto const bytes = text_of(input);
    auto const whole = read_in_pieces(bytes, bytes.size() + 1);
    for (std::size_t const piece : {1, 7})
        require(read_in_pieces(bytes, piece) == whole, "bytes in pieces are other requests");
}
