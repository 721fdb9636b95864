#include "tests/services/decode.hpp"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>

namespace diaban::tests {

namespace {

constexpr std::size_t most = 64u << 20;

std::string gunzip(std::string_view body) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::runtime_error{"inflateInit2"};
    std::string input{body};
    std::string plain(most, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    auto const result = inflate(&stream, Z_FINISH);
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    if (result != Z_STREAM_END || stream.avail_in != 0) throw std::runtime_error{"inflate"};
    return plain;
}

std::string unbrotli(std::string_view body) {
    std::string plain(most, '\0');
    std::size_t size = plain.size();
    if (BrotliDecoderDecompress(body.size(), reinterpret_cast<std::uint8_t const*>(body.data()),
                                &size, reinterpret_cast<std::uint8_t*>(plain.data())) !=
        BROTLI_DECODER_RESULT_SUCCESS)
        throw std::runtime_error{"brotli"};
    plain.resize(size);
    return plain;
}

std::string unzstd(std::string_view body) {
    std::string plain(most, '\0');
    auto const size = ZSTD_decompress(plain.data(), plain.size(), body.data(), body.size());
    if (ZSTD_isError(size) != 0) throw std::runtime_error{"zstd"};
    plain.resize(size);
    return plain;
}

} // namespace

std::string decode(std::string_view body, services::http::Encoding encoding) {
    using services::http::Encoding;
    switch (encoding) {
    case Encoding::identity: return std::string{body};
    case Encoding::gzip: return gunzip(body);
    case Encoding::brotli: return unbrotli(body);
    case Encoding::zstd: return unzstd(body);
    }
    return {};
}

} // namespace diaban::tests
