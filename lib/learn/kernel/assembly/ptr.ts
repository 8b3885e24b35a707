/**
 * An address that reads and writes like an array: `p[i]` is one load or store, without a check and without an object
 * (an unmanaged class is its address). The kernels work on one memory that all threads share, so nothing here owns any.
 */
@unmanaged @final
export class Ptr<T> {
  @inline @operator("[]") get(i: i32): T { return load<T>(changetype<usize>(this) + ((<usize>i) << alignof<T>())); }
  @inline @operator("[]=") set(i: i32, value: T): void { store<T>(changetype<usize>(this) + ((<usize>i) << alignof<T>()), value); }
  /** The address of element i. */
  @inline at(i: i32): Ptr<T> { return changetype<Ptr<T>>(changetype<usize>(this) + ((<usize>i) << alignof<T>())); }
  @inline get address(): usize { return changetype<usize>(this); }
}

@inline export function ptr<T>(address: usize): Ptr<T> { return changetype<Ptr<T>>(address); }
