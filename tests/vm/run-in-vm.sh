#!/bin/bash
# Runs a command in a small virtual machine that has hardware which this computer lacks, and returns
# its output and exit status. The machine's root is this computer's own, read-only, below a scratch
# overlay; the working directory and the environment are kept. KVM and root aren't needed.
#   run-in-vm.sh [-s] [-c COUNT] [-t SECONDS] [-m MODULE]… COMMAND [ARGUMENT]…
#   -s           serial ports: /dev/ttyS1, a 16550, and /dev/ttyUSB0, a USB adapter by FTDI, joined
#                by a crossed cable
#   -c COUNT     so many CAN controllers (Kvaser PCIcan, SJA1000) on one bus: can0, can1, …
#   -m MODULE    one more kernel module (with those it needs), repeatable; what follows its name are
#                its parameters
#   -t SECONDS   time limit (default 120); then the exit status is 124
# Environment: XCOMTOP_VM (the kernel, made by fetch-kernel.sh), XCOMTOP_VM_ACCEL (tcg or kvm).
# Needs qemu-system-x86 and busybox-static. When they or the kernel are missing the exit status is
# 77, for a test that is skipped; with STRICT=1 it is 1.
set -u
limit=120
modules=(virtio_pci 9pnet_virtio 9p overlay)
hardware=()
serial=
while getopts +sc:m:t: option; do
    case $option in
    s)
        serial=1
        modules+=(xhci_pci ftdi_sio)
        ;;
    c)
        modules+=(can_raw kvaser_pci)
        hardware+=(-object can-bus,id=bus)
        for ((i = 0; i < OPTARG; i++)); do hardware+=(-device kvaser_pci,canbus=bus); done
        ;;
    m) modules+=("$OPTARG") ;;
    t) limit=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "run-in-vm: a command is missing" >&2; exit 2; }

skip() {
    echo "run-in-vm: skipped: $1" >&2
    [ "${STRICT-}" = 1 ] && exit 1
    exit 77
}

vm=${XCOMTOP_VM:-${HOME:-}/.cache/xcomtop-vm}
qemu=$(command -v qemu-system-x86_64) || skip "no qemu-system-x86_64"
busybox=$(command -v busybox) || skip "no busybox"
kernel=$(ls "$vm"/boot/vmlinuz-* 2>/dev/null | head -n 1)
[ -n "$kernel" ] || skip "no kernel in $vm: see fetch-kernel.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/xcomtop-vm.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
[ -z "$serial" ] || hardware+=(-chardev "socket,id=uart,path=$work/cable,server=on,wait=off"
    -serial chardev:uart -chardev "socket,id=adapter,path=$work/cable" -device qemu-xhci
    -device usb-serial,chardev=adapter,always-plugged=on)
root=$work/root
mkdir -p "$root"/{bin,modules,proc,sys,dev,mnt} "$work/job"
cp "$busybox" "$root/bin/busybox"

# The modules in the order in which they must be loaded, by what each says it depends on.
declare -A seen
index=$(find "$vm"/lib/modules -name '*.ko')
loading=
add_module() { # NAME [PARAMETER]…
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
    shift
    loading+="insmod /modules/${file##*/} $*"$'\n'
}
# shellcheck disable=SC2086  # its name and its parameters
for module in "${modules[@]}"; do add_module $module; done

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
$loading
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
until [ -z "$serial" ] || [ -e /dev/ttyUSB0 ] || [ \$tries -gt 100 ]; do
    usleep 20000
    tries=\$((tries + 1))
done
chroot \$R /bin/bash /job/command </dev/null >\$R/job/out 2>\$R/job/err
echo \$? >\$R/job/status
sync
reboot -f
EOF
chmod +x "$root/init"
(cd "$root" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$work/initrd"

# On a busy computer the kernel finds the emulated timer too slow, and panics: no_timer_check.
accel=${XCOMTOP_VM_ACCEL:-tcg}
cpu=max
[ "$accel" = kvm ] && cpu=host
timeout -k 5 "$limit" "$qemu" -M q35 -accel "$accel" -cpu "$cpu" -m 512 -nodefaults \
    -no-user-config -display none -no-reboot -kernel "$kernel" -initrd "$work/initrd" \
    -append "console=ttyS0 quiet panic=-1 no_timer_check" -serial "file:$work/console" "${hardware[@]}" \
    -virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
    -virtfs "local,path=$work/job,mount_tag=job,security_model=none" </dev/null >"$work/qemu" 2>&1
status=$?
cat "$work/job/out" 2>/dev/null
[ ! -e "$work/job/err" ] || cat "$work/job/err" >&2
[ $status = 124 ] && { echo "run-in-vm: stopped after $limit s" >&2; exit 124; }
[ -s "$work/job/status" ] && exit "$(cat "$work/job/status")"
echo "run-in-vm: the machine gave no status" >&2
tail -n 25 "$work/qemu" "$work/console" >&2
exit 125
