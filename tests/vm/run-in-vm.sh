#!/bin/bash
# Runs a command in a small virtual machine that has real serial ports, and returns its output and
# exit status. The machine's root is this computer's own, read-only, below a scratch overlay; the
# working directory and the environment are kept. KVM and root aren't needed.
#   run-in-vm.sh [-t SECONDS] [-m MODULE]… COMMAND [ARGUMENT]…
# /dev/ttyS1, a 16550, and /dev/ttyUSB0, a USB adapter by FTDI, are joined by a crossed cable.
#   -m MODULE    one more kernel module (with those it needs), repeatable
#   -t SECONDS   time limit (default 120); then the exit status is 124
# Environment: XCOMTOP_VM (the kernel, made by fetch-kernel.sh), XCOMTOP_VM_ACCEL (tcg or kvm).
# Needs qemu-system-x86 and busybox-static; exit status 77 when they or the kernel are missing.
set -u
limit=120
modules=(virtio_pci 9pnet_virtio 9p overlay xhci_pci ftdi_sio)
while getopts +m:t: option; do
    case $option in
    m) modules+=("$OPTARG") ;;
    t) limit=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "run-in-vm: a command is missing" >&2; exit 2; }

vm=${XCOMTOP_VM:-${HOME:-}/.cache/xcomtop-vm}
qemu=$(command -v qemu-system-x86_64) || { echo "run-in-vm: no qemu-system-x86_64" >&2; exit 77; }
busybox=$(command -v busybox) || { echo "run-in-vm: no busybox" >&2; exit 77; }
kernel=$(ls "$vm"/boot/vmlinuz-* 2>/dev/null | head -n 1)
[ -n "$kernel" ] || { echo "run-in-vm: no kernel in $vm: see fetch-kernel.sh" >&2; exit 77; }

work=$(mktemp -d "${TMPDIR:-/tmp}/xcomtop-vm.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,modules,proc,sys,dev,mnt} "$work/job"
cp "$busybox" "$root/bin/busybox"

# The modules in the order in which they must be loaded, by what each says it depends on.
declare -A seen
index=$(find "$vm"/lib/modules -name '*.ko')
order=
add_module() {
    local name=${1//-/_} file needs need
    [ -z "${seen[$name]:-}" ] || return 0
    seen[$name]=1
    file=$(awk -v name="$name" '{ base = $0; sub(/.*\//, "", base); sub(/\.ko$/, "", base)
        gsub(/-/, "_", base); if (base == name) { print; exit } }' <<<"$index")
    [ -n "$file" ] || return 0 # built in
    needs=$(grep -a -z -m1 '^depends=' "$file" | tr -d '\0')
    needs=${needs#depends=}
    for need in ${needs//,/ }; do add_module "$need"; done
    cp "$file" "$root/modules/"
    order+=" ${file##*/}"
}
for module in "${modules[@]}"; do add_module "$module"; done

{
    echo "cd $(printf %q "$PWD")"
    export -p | grep -v -E '^declare -x (OLDPWD|PWD|SHLVL|_)='
    echo "export XCOMTOP_IN_VM=1"
    printf 'exec'
    printf ' %q' "$@"
    echo
} >"$work/job/command"

cat >"$root/init" <<EOF
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for module in $order; do insmod /modules/\$module; done
mount -t tmpfs scratch /mnt
mkdir /mnt/host /mnt/upper /mnt/work /mnt/root
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /mnt/host
mount -t overlay -o lowerdir=/mnt/host,upperdir=/mnt/upper,workdir=/mnt/work root /mnt/root
R=/mnt/root
umount /proc
mount -t devtmpfs dev \$R/dev
mkdir -p \$R/dev/pts \$R/dev/shm \$R/job
mount -t devpts -o ptmxmode=666 pts \$R/dev/pts
mount -t proc proc \$R/proc
mount -t sysfs sys \$R/sys
ln -sf /proc/self/fd \$R/dev/fd
mount -t 9p -o trans=virtio,version=9p2000.L job \$R/job
tries=0
until [ -e /dev/ttyUSB0 ] || [ \$tries -gt 100 ]; do usleep 20000; tries=\$((tries + 1)); done
chroot \$R /bin/bash /job/command </dev/null >\$R/job/out 2>\$R/job/err
echo \$? >\$R/job/status
sync
reboot -f
EOF
chmod +x "$root/init"
(cd "$root" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$work/initrd"

accel=${XCOMTOP_VM_ACCEL:-tcg}
cpu=max
[ "$accel" = kvm ] && cpu=host
timeout -k 5 "$limit" "$qemu" -M q35 -accel "$accel" -cpu "$cpu" -m 512 -nodefaults \
    -no-user-config -display none -no-reboot -kernel "$kernel" -initrd "$work/initrd" \
    -append "console=ttyS0 quiet panic=-1" -serial "file:$work/console" \
    -chardev "socket,id=uart,path=$work/cable,server=on,wait=off" -serial chardev:uart \
    -chardev "socket,id=adapter,path=$work/cable" -device qemu-xhci \
    -device usb-serial,chardev=adapter,always-plugged=on \
    -virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
    -virtfs "local,path=$work/job,mount_tag=job,security_model=none" </dev/null >"$work/qemu" 2>&1
status=$?
cat "$work/job/out" 2>/dev/null
cat "$work/job/err" 2>/dev/null >&2
[ $status = 124 ] && { echo "run-in-vm: stopped after $limit s" >&2; exit 124; }
[ -s "$work/job/status" ] && exit "$(cat "$work/job/status")"
echo "run-in-vm: the machine gave no status" >&2
tail -n 25 "$work/qemu" "$work/console" >&2
exit 125
