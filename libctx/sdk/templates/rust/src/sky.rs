//! Stars that fall.
use alloc::vec::Vec;

pub struct Star {
    pub x: u32,
    pub y: u32,
    speed: u32,
}

pub struct Sky {
    w: u32,
    h: u32,
    pub stars: Vec<Star>,
}

impl Sky {
    pub const fn new(w: u32, h: u32) -> Sky {
        Sky { w, h, stars: Vec::new() }
    }

    /// One more, somewhere: wherever `noise` says.
    pub fn add(&mut self, noise: [u8; 4]) {
        let x = u32::from(noise[0]) * 256 + u32::from(noise[1]);
        self.stars.push(Star { x: x % self.w, y: u32::from(noise[2]) % self.h, speed: 1 + u32::from(noise[3]) % 3 });
    }

    /// One frame later.
    pub fn fall(&mut self) {
        for star in &mut self.stars {
            star.y = (star.y + star.speed) % self.h;
        }
    }

    pub fn draw(&self, pixels: &mut [u32]) {
        pixels.fill(0x30_18_10);
        for star in &self.stars {
            pixels[(star.y * self.w + star.x) as usize] = 0xff_ff_ff;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sky;

    #[test]
    fn a_star_that_falls_out_comes_in_again() {
        let mut sky = Sky::new(10, 20);
        sky.add([0, 13, 19, 2]);
        assert_eq!((sky.stars[0].x, sky.stars[0].y), (3, 19));
        sky.fall();
        assert_eq!((sky.stars[0].x, sky.stars[0].y), (3, 2));
    }

    #[test]
    fn a_star_is_one_pixel() {
        let mut sky = Sky::new(10, 20);
        let mut pixels = [0; 200];
        sky.add([0, 13, 4, 0]);
        sky.draw(&mut pixels);
        assert_eq!(pixels.iter().filter(|p| **p == 0xff_ff_ff).count(), 1);
        assert_eq!(pixels[43], 0xff_ff_ff);
    }
}
