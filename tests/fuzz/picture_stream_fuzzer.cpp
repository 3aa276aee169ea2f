// Whatever a decoder answers, a header that is accepted fits the box and the limits, and says the same when it is
// written again. Input: width 2 and height 2 of the box, then the answer.
#include "app/pictures/picture_stream.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>

using namespace landline;
using namespace landline::app;
using namespace landline::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    const PictureBox box{1 + input.u16() % picture_limits::kSide, 1 + input.u16() % picture_limits::kSide};
    const auto rest = input.bytes(size);
    (void)pictureFormat(rest);
    if (const auto named = parsePictureBox(toString(rest)))
        require(named->width <= picture_limits::kSide && named->height <= picture_limits::kSide,
                "boxes are bounded");
    const auto header = parsePictureHeader(rest, box);
    if (!header) return 0;
    require(header->size.width >= 1 && header->size.height >= 1, "there is a pixel");
    require(header->size.width <= box.width && header->size.height <= box.height, "it fits the box");
    require(pictureStreamBytes(header->size) <= pictureStreamBytes(box), "so do its bytes");
    const auto fitted = fitInto(header->source, box);
    require(fitted.width <= box.width && fitted.height <= box.height, "the whole picture can be fitted");
    const auto again = encodePictureHeader(*header);
    require(std::equal(again.begin(), again.end(), rest.begin()), "it says the same again");
    return 0;
}
