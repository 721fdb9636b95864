#include "services/http/content_coding.hpp"

#include "geo/error.hpp"

#include <brotli/encode.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace diaban::services::http {

namespace {

[[noreturn]] void fail(char const* coder) {
    throw geo::Error{geo::Code::internal, "internal", {}, coder};
}

/// Compressors are costly to make and not to be shared: each thread keeps the one it used last.
std::string gzip(std::string_view body, int level) {
    struct Free {
        void operator()(libdeflate_compressor* it) const { libdeflate_free_compressor(it); }
    };
    thread_local std::unique_ptr<libdeflate_compressor, Free> compressor;
    thread_local int compressor_level = -1;
    if (compressor_level != level) {
        compressor.reset(libdeflate_alloc_compressor(level));
        compressor_level = compressor ? level : -1;
        if (!compressor) fail("libdeflate");
    }
    std::string coded(libdeflate_gzip_compress_bound(compressor.get(), body.size()), '\0');
    auto const size = libdeflate_gzip_compress(compressor.get(), body.data(), body.size(),
                                               coded.data(), coded.size());
    if (size == 0) fail("libdeflate");
    coded.resize(size);
    return coded;
}

std::string brotli(std::string_view body, int quality) {
    std::size_t size = BrotliEncoderMaxCompressedSize(body.size());
    if (size == 0) fail("brotli");
    std::string coded(size, '\0');
    auto const* const in = reinterpret_cast<std::uint8_t const*>(body.data());
    auto* const out = reinterpret_cast<std::uint8_t*>(coded.data());
    if (BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, body.size(), in,
                              &size, out) != BROTLI_TRUE)
        fail("brotli");
    coded.resize(size);
    return coded;
}

std::string zstd(std::string_view body, int level) {
    struct Free {
        void operator()(ZSTD_CCtx* it) const { ZSTD_freeCCtx(it); }
    };
    thread_local std::unique_ptr<ZSTD_CCtx, Free> const context{ZSTD_createCCtx()};
    if (!context) fail("zstd");
    std::string coded(ZSTD_compressBound(body.size()), '\0');
    auto const size = ZSTD_compressCCtx(context.get(), coded.data(), coded.size(), body.data(),
                                        body.size(), level);
    if (ZSTD_isError(size) != 0) fail("zstd");
    coded.resize(size);
    return coded;
}

} // namespace

std::string encode(std::string_view body, Encoding encoding, Effort effort) {
    bool const kept = effort == Effort::kept;
    std::string coded;
    switch (encoding) {
    case Encoding::identity: return std::string{body};
    case Encoding::gzip: coded = gzip(body, kept ? 9 : 5); break;
    case Encoding::brotli: coded = brotli(body, kept ? 9 : 4); break;
    case Encoding::zstd: coded = zstd(body, kept ? 12 : 3); break;
    }
    coded.shrink_to_fit();
    return coded;
}

std::optional<std::string> decode_gzip(std::string_view coded, std::size_t most) {
    struct Free {
        void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
    };
    thread_local std::unique_ptr<libdeflate_decompressor, Free> const decompressor{
        libdeflate_alloc_decompressor()};
    if (!decompressor) fail("libdeflate");
    constexpr std::size_t least = 4096;
    // What the stream says of its own size is the sender's word: the room grows as it is used.
    for (auto room = std::min(std::max(least, 4 * coded.size()), most);;
         room = std::min(4 * room, most)) {
        std::string body(room, '\0');
        std::size_t taken = 0;
        std::size_t size = 0;
        auto const result =
            libdeflate_gzip_decompress_ex(decompressor.get(), coded.data(), coded.size(),
                                          body.data(), body.size(), &taken, &size);
        if (result == LIBDEFLATE_INSUFFICIENT_SPACE && room < most) continue;
        if (result != LIBDEFLATE_SUCCESS || taken != coded.size()) return std::nullopt;
        body.resize(size);
        return body;
    }
}

} // namespace diaban::services::http
