//! Pictures made anew: what is kept holds pixels and nothing else. No place where it was taken, no second
//! file behind the first, nothing that a careless reader of the format could trip over.

use crate::model::Media;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageEncoder, Limits, imageops};
use std::io::Cursor;

/// Pixels a side.
pub(crate) const SIDE: u32 = 8_192;
pub(crate) const PIXELS: u64 = 40_000_000;
/// For what comes out of a decoder, and for what it needs.
const MEMORY: u64 = 192 * 1024 * 1024;
/// Pictures that load bit by bit come in about ten passes; each costs a walk over all of the picture.
const PASSES: usize = 100;
const LOGO: u32 = 256;
/// The first that makes the picture no larger than it may be is taken.
const QUALITIES: [u8; 3] = [88, 75, 60];

fn decode<'a>(mut decoder: impl ImageDecoder + 'a) -> Option<DynamicImage> {
    let (width, height) = decoder.dimensions();
    let fits = width > 0
        && height > 0
        && width <= SIDE
        && height <= SIDE
        && u64::from(width) * u64::from(height) <= PIXELS
        && decoder.total_bytes() <= MEMORY;
    if !fits {
        return None;
    }
    // What cannot be read of it does not matter: then it stays as it lies.
    let turned = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if let Some(turned) = turned {
        picture.apply_orientation(turned);
    }
    Some(picture)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    limits
}

/// The size that a PNG declares, out of its first chunk: before anything is decoded or allocated.
fn declared(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    (png.get(12..16)? == b"IHDR").then_some(())?;
    Some((number(16)?, number(20)?))
}

fn read(bytes: &[u8], media: Media) -> Option<DynamicImage> {
    match media {
        Media::Png => {
            let (width, height) = declared(bytes)?;
            if width > SIDE || height > SIDE || u64::from(width) * u64::from(height) > PIXELS {
                return None;
            }
            decode(PngDecoder::with_limits(Cursor::new(bytes), limits()).ok()?)
        }
        Media::Jpeg => {
            if bytes.windows(2).filter(|w| *w == b"\xff\xda").count() > PASSES {
                return None;
            }
            let mut decoder = JpegDecoder::new(Cursor::new(bytes)).ok()?;
            decoder.set_limits(limits()).ok()?;
            decode(decoder)
        }
        Media::Pdf | Media::Text => None,
    }
}

/// Eight bits a colour, which is what screens show.
fn plain(picture: DynamicImage) -> DynamicImage {
    let color = picture.color();
    match (color.has_color(), color.has_alpha()) {
        (false, false) => DynamicImage::ImageLuma8(picture.into_luma8()),
        (false, true) => DynamicImage::ImageLumaA8(picture.into_luma_alpha8()),
        (true, false) => DynamicImage::ImageRgb8(picture.into_rgb8()),
        (true, true) => DynamicImage::ImageRgba8(picture.into_rgba8()),
    }
}

fn png(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive);
    let (bytes, color) = (picture.as_bytes(), picture.color());
    encoder.write_image(bytes, picture.width(), picture.height(), color.into()).ok()?;
    Some(out)
}

/// The same picture as new. `None` if it is none, or one that asks for too much.
pub(crate) fn renew(bytes: &[u8], media: Media, most: usize) -> Option<Vec<u8>> {
    let picture = plain(read(bytes, media)?);
    if media == Media::Png {
        // Few programs squeeze as hard as those that made it may have: a little more is let through.
        return png(&picture).filter(|out| out.len() <= 3 * most);
    }
    let picture = match picture {
        grey @ DynamicImage::ImageLuma8(_) => grey,
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    };
    QUALITIES.into_iter().find_map(|quality| {
        let mut out = Vec::new();
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality)).ok()?;
        (out.len() <= most).then_some(out)
    })
}

/// As a PNG that is small enough to stand beside a name.
pub(crate) fn logo(bytes: &[u8], media: Media) -> Option<Vec<u8>> {
    let mut picture = plain(read(bytes, media)?);
    if picture.width() > LOGO || picture.height() > LOGO {
        // First roughly, so that the fine work is little whatever came.
        if picture.width() > 4 * LOGO || picture.height() > 4 * LOGO {
            picture = picture.thumbnail(4 * LOGO, 4 * LOGO);
        }
        picture = picture.resize(LOGO, LOGO, imageops::FilterType::CatmullRom);
    }
    png(&picture)
}
